// Takes a photo with the camera whose video is on, as large as the camera can, and sends it; "" where it cannot be had.
// See components/ocr/still.py; preview.js says which camera that is.

const PHOTO_MS = 3000; // some cameras never answer
const QUALITY = 0.92;

export default function ({ parentElement, data, setTriggerValue }) {
  const button = parentElement.querySelector("button");
  button.disabled = !data.playing;
  button.onclick = async () => {
    button.disabled = true;
    const photo = await still(data.maxBytes).catch(() => null);
    setTriggerValue("picture", photo ? await addressOf(photo) : "");
  };
}

async function still(maxBytes) {
  const [track] = window.limelightCamera?.()?.getVideoTracks() ?? [];
  if (!track) return null;
  const late = new Promise((done) => setTimeout(done, PHOTO_MS, null));
  const photo = "ImageCapture" in window && (await Promise.race([new ImageCapture(track).takePhoto().catch(() => null), late]));
  return photo && photo.size <= maxBytes ? photo : frameOf(track);
}

// What the video shows now.
async function frameOf(track) {
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, srcObject: new MediaStream([track]) });
  await video.play();
  const canvas = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d").drawImage(video, 0, 0);
  video.srcObject = null;
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}

function addressOf(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = failed;
    reader.readAsDataURL(blob);
  });
}
