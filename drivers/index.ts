import type { Driver } from "./contract.ts";
import { gpio } from "./gpio/driver.ts";
import { modbus } from "./modbus/driver.ts";
import { mqtt } from "./mqtt/driver.ts";
import { opcua } from "./opcua/driver.ts";
import { rfid } from "./rfid/driver.ts";
import { scale } from "./scale/driver.ts";

/** Every driver, written out by hand: importing one has no effect of its own. */
export const drivers: readonly Driver[] = [gpio, modbus, mqtt, opcua, rfid, scale];
