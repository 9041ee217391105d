"""Image classifier: a network names what the camera sees, and shows why."""

from functools import partial

import streamlit as st

from components import heat_maps, layout, live, loading, predicting
from components.camera.stream import live_camera
from components.classifier import apart, insight, scores
from components.pictures import LIVE, choose_source, pictures
from components.sharing import setting
from models.catalog import about, of_task, title_of
from models.classifier.results import smoothed
from models.demos import demo

layout.demo_header(demo("classifier"))
predicting.ask(demo("classifier"))
source = choose_source()
picture_column, answer_column = st.columns([3, 2], gap="large")

answers = answer_column.container()
with answer_column:
    why = st.toggle("Why? A heat map", **setting("why"), help="What in the picture raised the score.")
    of_label = st.container()
    inside = st.toggle("Inside: what its layers see", **setting("inside"))
    is_apart = source != LIVE and st.toggle("Take it apart", **setting("apart"), help="Cut it up, rub parts of it out.")
    settings = st.container(horizontal=True)
with settings, st.popover("Answer settings", icon=":material/settings:"):
    models = [entry.name for entry in of_task("classification")]
    name = st.selectbox("Model", models, format_func=title_of, **setting("model"))
    st.caption(about(name))
    how = scores.AnswerSettings(
        top_k=st.slider("How many answers", 1, 10, 5, **setting("k")),
        threshold=st.slider(
            "Not sure below",
            0.0,
            1.0,
            0.3,
            0.05,
            format="percent",
            **setting("sure"),
            help="When the best answer is less probable than this, the page names nothing instead of guessing.",
        ),
    )
    smooth = st.toggle(
        "Smooth over time", True, **setting("smooth"), help="Averages the last pictures: calmer, but later."
    )
with answers:
    name, model = loading.model_or_bundled(name)
label, strength = None, 0.5
if why and model is not None:
    with of_label:
        label, strength = insight.choose_label(model), heat_maps.choose_strength()

if source == LIVE and model is not None:
    with picture_column:
        camera = live_camera("classifier", settings_in=settings)
    engine = loading.engine(name)
    averaged = smoothed(engine.predict) if smooth else None
    answer = camera.listen(f"{name}{' smooth' * smooth}", engine, predict=averaged)
    look = partial(insight.look_why, model, label=label), insight.InsideLook(model)
    why_stream = camera.listen(f"why {name} {label}", engine, predict=look[0], max_rate=2) if why else None
    inside_stream = camera.listen(f"inside {name}", engine, predict=look[1], max_rate=1) if inside else None
    camera.only(answer, why_stream, inside_stream)
    history = st.session_state.setdefault("classifier/history", scores.History())
    with answers:
        is_pushed = scores.show_live(camera, answer, how, history)
    if why_stream:
        with picture_column:
            heat_maps.show_live(camera, why_stream, is_pushed=is_pushed, strength=strength)
    if inside_stream:
        live.show_pictures(camera, inside_stream, insight.show_inside)
    scores.show_history(camera, history)
elif source != LIVE:
    with picture_column:
        chosen = pictures(source, "classifier")
    if model is not None and len(chosen) == 1:
        rgb = chosen[0].rgb
        with picture_column:
            if is_apart:
                rgb = apart.take_apart(chosen[0])
            if why:
                heat_maps.show(insight.look_why(model, rgb, label), strength=strength)
            elif not is_apart:
                st.image(rgb, caption=layout.plain(chosen[0].name), alt=chosen[0].name, width="stretch")
        found = model.predict(rgb) if is_apart else next(iter(scores.scores_of(chosen, name, model)))
        with answers:
            scores.show_scores(found, how)
            live.show_seconds(found.seconds)
        if inside:
            insight.show_inside(insight.InsideLook(model)(rgb))
    elif model is not None and chosen:
        scores.show_table(chosen, scores.scores_of(chosen, name, model), how)

layout.panels(demo("classifier"))
