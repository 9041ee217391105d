// People, hands and faces: {poses: [{kind, id, score, points: [[x, y, score], …]}], least}, points in pixels of the
// server's picture. The pairs of points that are joined come once, on the channel "skeletons": {skeletons: {kind: pairs}}.
// See Pose.to_browser.
const COLOURS = ["#a8e05f", "#5fc9e0", "#e0a35f", "#d77fe0", "#e06f7f"];
const CATCH_UP_MS = 100; // a figure is where the newest result has it after so long, or sooner

const partOfTheWay = (newest, before, now) => {
  const between = before ? newest.received - before.received : 0;
  return between > 0 && between < 1000 ? Math.min(1, (now - newest.received) / Math.min(between, CATCH_UP_MS)) : 1;
};

// The points between two results; somebody without an id, or who was not there, is where the newest result says.
function pointsBetween(pose, before, part) {
  const earlier = pose.id === null ? null : before?.poses?.find(({ id, kind }) => id === pose.id && kind === pose.kind);
  if (!earlier || part === 1) return pose.points;
  return pose.points.map(([x, y, score], i) => {
    const [x0, y0] = earlier.points[i];
    return [x0 + part * (x - x0), y0 + part * (y - y0), score];
  });
}

painter("poses", {
  over(view, newest, before, now) {
    const part = view.still ? 1 : partOfTheWay(newest, before, now);
    const { draw } = view, least = newest.least ?? 0.5;
    const skeletons = view.channel("skeletons")?.skeletons ?? {};
    draw.lineCap = "round";
    newest.poses.forEach((pose, i) => {
      const points = pointsBetween(pose, before, part).map(([x, y, score]) => [...view.at(x, y), score]);
      draw.strokeStyle = draw.fillStyle = COLOURS[(pose.id ?? i) % COLOURS.length];
      draw.lineWidth = Math.max(2, view.width / 160);
      draw.beginPath();
      for (const [a, b] of skeletons[pose.kind] ?? []) {
        if (points[a][2] < least || points[b][2] < least) continue;
        draw.moveTo(points[a][0], points[a][1]);
        draw.lineTo(points[b][0], points[b][1]);
      }
      draw.stroke();
      for (const [x, y, score] of points) {
        if (score < least) continue;
        draw.beginPath();
        draw.arc(x, y, Math.max(2, view.width / 200), 0, 2 * Math.PI);
        draw.fill();
      }
    });
    return part < 1;
  },
  said: ({ poses }) => (poses.length === 1 ? "One person" : `${poses.length} people`),
});
