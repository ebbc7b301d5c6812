import { readerContract } from "./rfid-driver-rig.ts";

// It greets once a connection and has no checksum: what its answers are missing or cut short ends in a new connection.
readerContract("llrp", { mayEndOn: ["silent", "halfFrames"] });
