import { Exact } from './exact.ts'
import { type PriceList, priceAt } from './priceBook.ts'

export interface PreviewPrice {
  perHour: string
  /** null: no longest run is declared. */
  atMost: string | null
  currency: string
}

/** What inventory tells of a job that is only thought of. */
interface Pricing {
  /** null: not known. */
  model: string | null
  gpus: string
  /** The longest it runs. */
  seconds: number | null
}

/** @returns null where the model is not known, or the text is none of inventory's */
export function previewPrice(text: string, lists: readonly PriceList[], nowSeconds: number): PreviewPrice | null {
  const pricing = read(text)
  if (pricing === null) return null
  const gpus = new Exact(pricing.gpus)
  if (pricing.model === null && !gpus.isZero()) return null
  const { perGpuSecond, currency } = priceAt(lists, pricing.model, nowSeconds)
  const perSecond = gpus.times(perGpuSecond)
  return {
    perHour: perSecond.times(3600).toFixed(),
    atMost: pricing.seconds === null ? null : perSecond.times(pricing.seconds).toFixed(),
    currency,
  }
}

function read(text: string): Pricing | null {
  try {
    const { model, gpus, seconds } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Pricing
    const isWhole = seconds === null || Number.isSafeInteger(seconds)
    const isModel = model === null || typeof model === 'string'
    return isModel && isWhole && /^\d{1,12}(\.\d{1,3})?$/.test(gpus) ? { model, gpus, seconds } : null
  } catch {
    return null
  }
}
