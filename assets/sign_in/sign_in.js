// Keeps the presenter's token in this browser, so that a reload need not ask for the password. See components/console/access.py.
// `token` is one to keep, "" to forget the one that is here, or null: then the one that is here is reported.

const NAME = "limelight-presenter";

export default function ({ data: { token }, setStateValue }) {
  try {
    if (token) localStorage.setItem(NAME, token);
    else if (token === "") localStorage.removeItem(NAME);
    else if (localStorage.getItem(NAME)) setStateValue("token", localStorage.getItem(NAME));
  } catch {} // a browser that blocks its storage: the password is asked for after each reload
}
