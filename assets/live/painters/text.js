// A text as it is; also what has no painter of its own.
const wordsOf = ({ text, kind, channel, at, size, received, picture, ...rest }) => text ?? JSON.stringify(rest);

painter("text", {
  beside: (root, message) => write(once(root, '<p class="live-text"></p>')[0], wordsOf(message)),
  said: wordsOf,
});
