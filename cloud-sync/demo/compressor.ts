/** The compressor behind the demo's PLC: holds a pressure, and trips now and then. */

export interface Compressor {
  /** bar above ambient. */
  readonly pressure: number;
  readonly running: boolean;
  readonly tripped: boolean;
}

/** bar a second: what the hall draws, and what the compressor delivers. */
const flow = { drawn: 0.06, delivered: 0.2 };

/** bar below the set point at which it starts. */
const band = 0.4;

/** It trips for the first time soon, so that whoever starts the demo sees it. */
const trip = { firstS: 50, forS: 40, everyS: 210 };

export function startCompressor(setpoint: number): Compressor {
  return { pressure: setpoint, running: false, tripped: false };
}

/** The compressor one second later; `second` counts from the start, `noise` lies between -1 and 1. */
export function nextCompressor(
  { pressure, running }: Compressor,
  setpoint: number,
  second: number,
  noise: number,
): Compressor {
  const tripped = second >= trip.firstS && (second - trip.firstS) % trip.everyS < trip.forS;
  const wanted = running ? pressure < setpoint : pressure < setpoint - band;
  const isRunning = wanted && !tripped;
  const change = (isRunning ? flow.delivered : 0) - flow.drawn + noise * 0.01;
  return { pressure: Math.max(0, pressure + change), running: isRunning, tripped };
}
