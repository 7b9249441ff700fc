// Hocuspocus as it comes, documents in memory only. Says `ready <port>`.
import { Server } from "@hocuspocus/server";

const server = new Server({ port: 0, address: "127.0.0.1", quiet: true, unloadImmediately: false });
await server.listen();
console.log(`ready ${server.address.port}`);
