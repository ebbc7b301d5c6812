import { scaleFramerProperties } from "./framing-scale-rig.ts";

// kern-kcp has the framer of mt-sics itself.
for (const name of ["mt-sics", "and", "sartorius", "ohaus", "t-scale", "radwag"])
  scaleFramerProperties(name);
