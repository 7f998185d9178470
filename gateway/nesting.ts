/**
 * Whether a text, of JSON or GraphQL, nests deeper than that; what stands in its strings does not count.
 * Told before anything reads it: readers call themselves at each level, and their stack is not endless.
 */
export function nestsDeeper(text: string, levels: number): boolean {
  let depth = 0
  let isInString = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at)
    if (isInString) {
      if (character === BACKSLASH) at += 1
      else if (character === QUOTE) isInString = false
    } else if (character === QUOTE) {
      isInString = true
    } else if (character === BRACE || character === BRACKET) {
      depth += 1
      if (depth > levels) return true
    } else if (character === CLOSING_BRACE || character === CLOSING_BRACKET) {
      depth -= 1
    }
  }
  return false
}

const [BACKSLASH, QUOTE, BRACE, BRACKET, CLOSING_BRACE, CLOSING_BRACKET] = Buffer.from('\\"{[}]')
