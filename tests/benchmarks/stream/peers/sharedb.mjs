// ShareDB as it comes, on its in-memory database. The documents of the benchmark are made here. Says `ready <port>`.
import { createServer } from "node:http";
import WebSocketJSONStream from "@teamwork/websocket-json-stream";
import ShareDB from "sharedb";
import { WebSocketServer } from "ws";

const [rooms, clips] = process.argv.slice(2).map(Number);
const backend = new ShareDB();
const connection = backend.connect();
for (let room = 0; room < rooms; room += 1) {
  const records = Object.fromEntries(
    Array.from({ length: clips }, (_, n) => [`c${n}`, { name: `take ${n}`, start: n * 20, duration: 10, gain: 0 }]),
  );
  await new Promise((resolve, reject) => {
    connection.get("timelines", `t${room}`).create(records, (error) => (error ? reject(error) : resolve()));
  });
}
const server = createServer();
new WebSocketServer({ server }).on("connection", (socket) => {
  const stream = new WebSocketJSONStream(socket);
  stream.on("error", () => socket.terminate()); // the loader leaves without saying goodbye
  backend.listen(stream);
});
server.listen(0, "127.0.0.1", () => console.log(`ready ${server.address().port}`));
