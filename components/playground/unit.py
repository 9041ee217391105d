"""The view "One unit": what goes forward through it for one point, and what comes back."""

import streamlit as st

from components.playground.desk import Desk
from components.sharing import setting


def show(desk: Desk) -> None:
    """A choice of unit and point, the numbers, and a step that moves the weights."""
    if why := desk.why_not():
        st.info(why)
        return
    desk.pause()
    learner = desk.made()
    from models.playground.unit import labels_of_layers, told_of

    with learner.lock:
        sizes = labels_of_layers(learner)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = [f"hidden layer {number + 1}" for number in range(len(sizes) - 1)] + ["output"]
        layer = st.selectbox(
            "Layer", range(len(sizes)), format_func=names.__getitem__, key=f"playground/layer {len(sizes)}"
        )
        layer = layer or 0
        unit = st.selectbox(
            "Unit",
            range(sizes[layer]),
            format_func=lambda number: str(number + 1),
            key=f"playground/unit {layer} {sizes[layer]}",
        )
        number = st.number_input("Point", 1, len(desk.train), 1, **setting("point"))
        st.button("Step", icon=":material/skip_next:", key="playground/step", on_click=desk.one_step)
    place = min(int(number), len(desk.train)) - 1
    x, y = desk.train.xy[place].tolist()
    label = int(desk.train.labels[place])
    with learner.lock:
        told = told_of(learner, xy=(x, y), label=label, layer=layer, unit=unit or 0)
    wanted = f"y = {y:.2f}" if desk.train.is_curve else f"class {'ABCDEF'[label]}"
    st.markdown(f"The point ({x:.2f}, {y:.2f}); wanted: **{wanted}**. Its loss now: **{told.loss:.4f}**.")
    forward, backward = st.columns(2, gap="large")
    with forward:
        st.markdown("**Forward:** each input times its weight, all summed up, then the activation.")
        rows = [f"| {t.source} | {t.input:.3f} | {t.weight:.3f} | {t.product:.3f} |" for t in told.terms]
        st.markdown("\n".join(["| from | input | × weight | = |", "|---|--:|--:|--:|", *rows]))
        st.markdown(
            f"Sum with the bias {told.bias:.3f}: **z = {told.z:.3f}**. "
            + (
                f"{told.activation}(z) = **{told.a:.3f}**"
                if told.activation != "none"
                else f"It says **{told.a:.3f}**."
            )
        )
    with backward:
        st.markdown("**Backward:** how the loss changes if something here changes a little (chain rule).")
        st.markdown(
            f"by what it says: **{told.loss_by_a:.4f}** × the activation's slope {told.a_by_z:.3f} "
            f"= by z: **{told.loss_by_z:.4f}**"
        )
        head = ["| weight from | × input = gradient | − rate × gradient |", "|---|--:|--:|"]
        products = [f"{told.loss_by_z:.4f} × {t.input:.3f} = {t.gradient:.4f}" for t in told.terms]
        moves = [f"{t.weight:.3f} → {told.moved(t):.3f}" for t in told.terms]
        rows = [f"| {t.source} | {p} | {m} |" for t, p, m in zip(told.terms, products, moves, strict=True)]
        st.markdown("\n".join([*head, *rows]))
        st.caption(
            f"With the learning rate {told.rate:g}, a plain step for this point alone. *Step* takes a whole batch."
        )
