/** Indexes as `status.completedIndexes` writes them: "0,1,4-6". Two neighbours are a list, three a range. */
export function formatIndexes(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b)
  const parts: string[] = []
  for (let first = 0; first < sorted.length; ) {
    let last = first
    while (sorted[last + 1] === (sorted[last] as number) + 1) last++
    const [from, to] = [sorted[first], sorted[last]] as [number, number]
    parts.push(to === from ? `${from}` : to === from + 1 ? `${from},${to}` : `${from}-${to}`)
    first = last + 1
  }
  return parts.join(',')
}

export function parseIndexes(text: string | undefined): Set<number> {
  const indexes = new Set<number>()
  for (const part of text?.split(',') ?? []) {
    if (part === '') continue
    const [from, to = from] = part.split('-').map(Number) as [number, number?]
    for (let index = from; index <= to; index++) indexes.add(index)
  }
  return indexes
}
