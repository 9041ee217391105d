// Shows a kiosk's controls while somebody is at the screen. See kiosk.css and components/hosting/presence.py.

const AWAKE_MS = 5000;
const SIGNS = ["mousemove", "pointerdown", "keydown", "wheel", "touchstart"];

export default function () {
  const root = document.documentElement;
  let asleep = 0;
  const wake = () => {
    root.classList.add("limelight-awake");
    clearTimeout(asleep);
    asleep = setTimeout(() => root.classList.remove("limelight-awake"), AWAKE_MS);
  };
  SIGNS.forEach((sign) => document.addEventListener(sign, wake, { passive: true }));
  if (!window.limelightKiosk) wake(); // whoever comes sees what there is
  window.limelightKiosk = true;
  return () => {
    clearTimeout(asleep);
    SIGNS.forEach((sign) => document.removeEventListener(sign, wake));
  };
}
