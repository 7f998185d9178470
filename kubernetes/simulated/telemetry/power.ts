/** A program that has a GPU, or a share of it, keeps it between 80 and 100 per cent busy for its share. */
export const LEAST_BUSY = 0.8
const MEAN_BUSY = (1 + LEAST_BUSY) / 2

export const IDLE_WATTS = 60
const FULL_WATTS = 640

/** Watts of a device that is busy for such a part. */
export function wattsAt(busy: number): number {
  return IDLE_WATTS + (FULL_WATTS - IDLE_WATTS) * busy
}

/** On average, over what the program does. */
export function drawnWatts(share: number): number {
  return wattsAt(Math.min(1, share) * MEAN_BUSY)
}
