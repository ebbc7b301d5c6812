import { readerContract } from "./rfid-driver-rig.ts";

readerContract("uhfreader18");
