"""What the server runs: the pages, and the one address that keeps a session in the browser."""

from pathlib import Path

from streamlit.starlette import App

from app.explorer import tickets

app = App(Path(__file__).with_name("main.py"), routes=tickets.ROUTES)
