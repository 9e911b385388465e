"""Puts the guard into A1111's and Forge's webui; everything it does is in the package."""

import gradio as gr
from modules import face_restoration, script_callbacks, scripts_postprocessing, shared

from facefidelity.plugin.adapters import webui

webui.register_restorer(face_restoration.FaceRestoration, shared)
script_callbacks.on_ui_settings(lambda: webui.add_options(shared, gr))

FaceFidelityPostprocessing = webui.postprocessing_script(
    scripts_postprocessing.ScriptPostprocessing, gr
)
