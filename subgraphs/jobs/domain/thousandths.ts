const DECIMAL = /^(\d{1,9})(?:\.(\d{1,3})0*)?$/

/**
 * A decimal without sign or exponent as whole thousandths: exact arithmetic on cores and devices.
 * @returns null where the text is no such decimal, is finer than a thousandth or beyond all reason
 */
export function thousandths(text: string): number | null {
  const match = DECIMAL.exec(text)
  if (!match) return null
  const [, whole = '', fraction = ''] = match
  return Number(whole) * 1000 + Number(fraction.padEnd(3, '0'))
}

export function decimalOf(thousandths: number): string {
  return String(thousandths / 1000)
}
