// Whether there is a way to the server: asked only while the camera's connection is in doubt. A start that is pressed
// without one is lost, and what Streamlit is told while its own websocket is away is lost too.

const ASK_EVERY_MS = 1000, ANSWER_WITHIN_MS = 3000;

// `line.upSince`: since when the server answers (performance.now()), null while it does not. `changed` is called when
// that changes.
function followLine(changed) {
  const line = { upSince: null };
  let isAsking = false, asked = -ASK_EVERY_MS;

  line.ask = async () => {
    if (isAsking || performance.now() - asked < ASK_EVERY_MS) return;
    isAsking = true;
    const isUp = isConnected() && (await answers());
    asked = performance.now();
    isAsking = false;
    if (isUp === (line.upSince !== null)) return;
    line.upSince = isUp ? asked : null;
    changed();
  };
  line.forget = () => (line.upSince = null);
  return line;
}

// As Streamlit sees its websocket; a version that does not say so is taken for connected.
function isConnected() {
  const { testConnectionState = "CONNECTED" } = document.querySelector(".stApp")?.dataset ?? {};
  return testConnectionState === "CONNECTED";
}

async function answers() {
  const health = new URL(location.pathname.replace(/[^/]*\/*$/, "healthz"), location.origin); // a proxy may put a path before
  try {
    return (await fetch(health, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })).ok;
  } catch {
    return false;
  }
}
