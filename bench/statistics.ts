/**
 * What is made of repeated measurements. Medians, since a machine's hiccups only ever make a run slower; ratios of
 * medians, since the programs take turns; growth as the exponent of a power law.
 */

/** Returns the middle of some numbers, or the mean of the two in the middle. @throws {RangeError} without numbers */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("Cannot take a median: there are no numbers");
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Returns how far numbers lie apart: the largest less the smallest, in parts of the median. */
export function spread(values: readonly number[]): number {
  const middle = median(values);
  return middle === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / middle;
}

/** Returns the geometric mean of positive numbers, the one that fits ratios. @throws {RangeError} without numbers */
export function geometricMean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("Cannot take a mean: there are no numbers");
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** What one size of input cost. */
export interface CostPoint {
  readonly size: number;
  readonly seconds: number;
}

/**
 * Returns k of the power law `seconds = c * size ** k` that fits points best: the slope of least squares through their
 * logarithms. 1 is linear. Points that cost nothing, or less, say nothing and are left out; NaN with fewer than two sizes.
 */
export function growthExponent(points: readonly CostPoint[]): number {
  const logs = points.filter(({ seconds }) => seconds > 0)
    .map(({ size, seconds }) => ({ x: Math.log(size), y: Math.log(seconds) }));
  const mean = (of: (log: { x: number; y: number }) => number) =>
    logs.reduce((sum, log) => sum + of(log), 0) / logs.length;
  const middle = { x: mean(({ x }) => x), y: mean(({ y }) => y) };
  let [above, below] = [0, 0];
  for (const { x, y } of logs) {
    above += (x - middle.x) * (y - middle.y);
    below += (x - middle.x) ** 2;
  }
  return below === 0 ? NaN : above / below;
}
