// A Plotly figure that is turned with mouse or finger and stays turned when new data comes. See components/charts.py.

const FAILED = "The 3-D view did not load. Reload the page; if it stays away, tell whoever runs this server.";

export default function ({ parentElement, data }) {
  const me = (parentElement.limelight ??= create(parentElement));
  me.show(data);
  return () => {
    me.leave();
    delete parentElement.limelight;
  };
}

function create(root) {
  const place = root.querySelector(".figure"), words = root.querySelector("p");
  let held = false, next = null, left = false;

  const draw = () => {
    if (!next || held || left || !self.Plotly) return;
    const { figure } = next;
    next = null;
    figure.layout.font = { color: getComputedStyle(place).color };
    self.Plotly.react(place, figure.data, figure.layout, { displayModeBar: false, responsive: true });
  };
  // new data amidst a turn would turn the figure back: it waits for the hand to let go
  const hold = () => { held = true; };
  const release = () => {
    held = false;
    setTimeout(draw); // after Plotly has noted how it was turned
  };
  place.addEventListener("pointerdown", hold, true);
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, release);

  return {
    show(data) {
      next = data;
      // beside the page, whatever path a proxy has put before both
      self.limelightPlotly ??= import(new URL(data.script, location.href));
      self.limelightPlotly.then(draw, () => {
        words.textContent = FAILED;
        words.hidden = false;
      });
    },
    leave() {
      left = true;
      for (const end of ["pointerup", "pointercancel"]) window.removeEventListener(end, release);
      self.Plotly?.purge(place);
    },
  };
}
