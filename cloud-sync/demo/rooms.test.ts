import { expect, test } from "vitest";
import { nextSecond, noise, type Room, type RoomSettings, startRoom } from "./rooms.ts";

const settings: RoomSettings = {
  setpoint: 4,
  doorOpensAtS: 10,
  doorOpenForS: 40,
  doorPeriodS: 200,
};

function after(seconds: number): Room {
  const next = noise(1);
  let room = startRoom(settings);
  for (let second = 0; second < seconds; second += 1) {
    room = nextSecond(room, settings, second, next());
  }
  return room;
}

test("a closed room stays near its set point", () => {
  expect(after(10).temperature).toBeCloseTo(4, 0);
  expect(after(10).doorOpen).toBe(false);
});

test("an open door warms the room over 8 degrees within half a minute", () => {
  expect(after(40).doorOpen).toBe(true);
  expect(after(40).temperature).toBeGreaterThan(8);
});

test("after the door closes the room is cold again before it opens the next time", () => {
  expect(after(209).temperature).toBeLessThan(5);
});

test("the same seed gives the same day", () => {
  expect(after(120)).toEqual(after(120));
});
