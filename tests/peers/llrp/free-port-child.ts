import { Server } from "node:net";

// Loaded before the dummy reader, which has its port built in: it listens on a free one instead and tells which.
const listen = Server.prototype.listen;
Server.prototype.listen = function listenAnywhere(this: Server): Server {
  return listen.call(this, { port: 0, host: "127.0.0.1" }, () => {
    const bound = this.address();
    console.log(`port ${typeof bound === "object" ? bound?.port : bound}`);
  });
};
