// Expectations are what C++ Nix 2.34.8 printed for these values.

import { assertEquals } from "@std/assert";
import { formatFloatFixed, formatFloatGeneral, formatFloatJson } from "./float.ts";

const TABLE: readonly (readonly [value: number, fixed: string, general: string, json: string])[] = [
  [0, "0.000000", "0", "0.0"],
  [-0, "-0.000000", "-0", "-0.0"],
  [1.5, "1.500000", "1.5", "1.5"],
  [0.1 + 0.2, "0.300000", "0.3", "0.30000000000000004"],
  [0.0078125, "0.007812", "0.0078125", "0.0078125"],
  [0.0234375, "0.023438", "0.0234375", "0.0234375"],
  [100000.5, "100000.500000", "100000", "100000.5"],
  [100001.5, "100001.500000", "100002", "100001.5"],
  [999999.5, "999999.500000", "1e+06", "999999.5"],
  [-1e-9, "-0.000000", "-1e-09", "-1e-09"],
  [0.00012345678, "0.000123", "0.000123457", "0.00012345678"],
  [1e15, "1000000000000000.000000", "1e+15", "1e+15"],
  [123456789012345, "123456789012345.000000", "1.23457e+14", "123456789012345.0"],
  [2 ** 70, "1180591620717411303424.000000", "1.18059e+21", "1.1805916207174113e+21"],
  [5e-324, "0.000000", "4.94066e-324", "5e-324"],
  [Infinity, "inf", "inf", "null"],
  [-Infinity, "-inf", "-inf", "null"],
];

Deno.test("formatFloatFixed() is C's %f", () => {
  for (const [value, fixed] of TABLE) assertEquals(formatFloatFixed(value), fixed);
});

Deno.test("formatFloatGeneral() is C's %g", () => {
  for (const [value, _, general] of TABLE) assertEquals(formatFloatGeneral(value), general);
});

Deno.test("formatFloatJson() is nlohmann's Grisu2", () => {
  for (const [value, _fixed, _general, json] of TABLE) assertEquals(formatFloatJson(value), json);
});
