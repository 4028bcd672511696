/** The first `bits` binary digits of π behind its point, after Machin: π = 16·atan(1/5) − 4·atan(1/239). */
export function fractionOfPi(bits: number): bigint {
  const guard = 64n;
  const scale = BigInt(bits) + guard;
  const pi = 16n * inverseTangent(5n, scale) - 4n * inverseTangent(239n, scale);
  return (pi - (3n << scale)) >> guard;
}

/** atan(1/x), scaled by 2^scale. */
function inverseTangent(x: bigint, scale: bigint): bigint {
  const square = x * x;
  let power = (1n << scale) / x;
  let sum = power;
  for (let odd = 3n, sign = -1n; power > 0n; odd += 2n, sign = -sign) {
    power /= square;
    sum += sign * (power / odd);
  }
  return sum;
}
