import { expect, test } from "vitest";
import { hashOfGateway, hashOfGroup, hashOfPage, viewOf } from "./view.ts";

test("an address says what is shown; one that names nothing shows all gateways", () => {
  expect(viewOf("")).toEqual({ page: "fleet" });
  for (const wrong of ["#gateway/", "#gateway/%E0%A4%A", "#elsewhere", "#/"]) {
    expect(viewOf(wrong), wrong).toEqual({ page: "fleet" });
  }
  expect(viewOf("#gateway/a/elsewhere")).toEqual({ page: "gateway", id: "a", part: undefined });
});

test("each view has an address that leads back to it, whatever the names are", () => {
  for (const page of ["fleet", "access"] as const) {
    expect(viewOf(hashOfPage(page))).toEqual({ page });
  }
  for (const name of ["wh1", "a/b", "二号", "x y#?%"]) {
    expect(viewOf(hashOfGateway(name))).toEqual({ page: "gateway", id: name, part: undefined });
    const part = "commands";
    expect(viewOf(hashOfGateway(name, part))).toEqual({ page: "gateway", id: name, part });
    expect(viewOf(hashOfGroup(name))).toEqual({ page: "groups", name });
  }
});
