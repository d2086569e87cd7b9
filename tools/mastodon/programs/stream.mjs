// masto.js listens to streams, over one WebSocket. Arguments: base URL, token.
import { createRestAPIClient, createStreamingAPIClient } from "masto";

// Node 20 has not got this yet.
Promise.withResolvers ??= () => {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};
const [url, accessToken] = process.argv.slice(2);
const client = createRestAPIClient({ url, accessToken });
const streams = createStreamingAPIClient({
  streamingApiUrl: url.replace("http", "ws"), // as the instance says
  accessToken,
});
setTimeout(() => {
  console.log("FAILED: nothing was heard");
  process.exit(1);
}, 60_000);

async function heard(name, subscription, text) {
  // Nothing says when a subscription begins, so there is something to hear every second.
  const posting = setInterval(() => client.v1.statuses.create({ status: text }), 1000);
  for await (const message of subscription) {
    if (message.event === "update" && message.payload.content.includes("listening")) break;
  }
  clearInterval(posting);
  console.log(`ok ${name}`);
}

await Promise.all([
  heard("user", streams.user.subscribe(), "is anybody listening?"),
  heard("hashtag", streams.hashtag.subscribe({ tag: "ears" }), "listening #ears"),
]);
streams.close();
process.exit(0);
