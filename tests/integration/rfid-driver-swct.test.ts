import { readerContract } from "./rfid-driver-rig.ts";

readerContract("swct");
