/**
 * Amounts of what is counted on a node beside CPU, memory and whole GPUs, by name: ephemeral-storage and hugepages in
 * MiB, extended resources (RDMA, MIG profiles) by the piece, and host ports, of which each node has one of each.
 */
export type Others = Readonly<Record<string, number>>

/** Host ports count as taken whatever address they are bound to. */
export function hostPortName(protocol: string, port: number): string {
  return `${HOST_PORT}${protocol}/${port}`
}
const HOST_PORT = 'hostPort/'

/** What a node has of it where it says nothing. */
export function amountOf(offered: Others | undefined, name: string): number {
  return offered?.[name] ?? (name.startsWith(HOST_PORT) ? 1 : 0)
}

/** What is left of `free` without `taken`. */
export function without(free: Others | undefined, taken: Others): Others {
  const left: Record<string, number> = { ...free }
  for (const [name, amount] of Object.entries(taken)) left[name] = amountOf(left, name) - amount
  return left
}

/** How many pods that ask so much would fit; Infinity where they ask nothing of it. */
export function podsWithin(offered: Others | undefined, asked: Others | undefined): number {
  let pods = Number.POSITIVE_INFINITY
  for (const [name, amount] of Object.entries(asked ?? {}))
    if (amount > 0) pods = Math.min(pods, Math.floor(amountOf(offered, name) / amount))
  return Math.max(0, pods)
}

export function isAlike(a: Others | undefined, b: Others | undefined): boolean {
  if (a === b) return true
  const [left, right] = [a ?? {}, b ?? {}]
  const names = Object.keys(left)
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name])
}

/** Thousandths of a GPU that MIG instances are, as quotas count them: "2g" is two of the seven slices of a device. */
export function migThousandths(asked: Others | undefined): number {
  let thousandths = 0
  for (const [name, amount] of Object.entries(asked ?? {})) {
    const slices = /^nvidia\.com\/mig-([1-7])g\./.exec(name)?.[1]
    if (slices !== undefined) thousandths += amount * Math.round((Number(slices) * 1000) / 7)
  }
  return thousandths
}

/** "2 of rdma/hca" and so on, in the order of their names. */
export function othersInWords(asked: Others | undefined): string[] {
  return Object.entries(asked ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, amount]) => {
      if (name.startsWith(HOST_PORT)) return `host port ${name.slice(HOST_PORT.length)}`
      return isSize(name) ? `${amount} MiB of ${name}` : `${amount} of ${name}`
    })
}

/** Whether it is counted in MiB. */
export function isSize(name: string): boolean {
  return name === 'ephemeral-storage' || name.startsWith('hugepages-')
}
