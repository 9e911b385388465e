"""What everything else stands on: errors, images, faces, weights, scores, protocols.

No network is run here, and nothing here knows the assessor, a restorer or a guard.
"""
