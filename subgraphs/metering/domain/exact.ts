import { Decimal } from 'decimal.js'

/**
 * Decimals whose products are exact: the library's default rounds to 20 digits. Shares have up to 6
 * decimals, prices 18, and a century has 10 digits of seconds, so that 100 digits are never reached.
 */
export const Exact = Decimal.clone({ precision: 100, defaults: true })
