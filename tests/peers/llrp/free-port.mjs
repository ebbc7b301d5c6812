// Loaded before the dummy reader, which has its port built in: listens on a free one instead and tells which.
import { Server } from "node:net";

const listen = Server.prototype.listen;
Server.prototype.listen = function listenAnywhere() {
  return listen.call(this, 0, "127.0.0.1", () => console.log(`port ${this.address().port}`));
};
