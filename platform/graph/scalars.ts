import type { GraphQLScalarType, GraphQLSchema } from 'graphql'
import { valueFromASTUntyped } from 'graphql'
import { refuse } from './errors.ts'

/** How each scalar is read: as text, or null where it is nothing of the kind. */
const SCALARS: Record<string, (value: unknown) => string | null> = {
  DateTime: textOf,
  Cursor: textOf,
  // What a number says is exact too, as far as its digits go.
  Decimal: (value) => (typeof value === 'number' && Number.isFinite(value) ? String(value) : textOf(value)),
}

/**
 * As the schema alone has our scalars they would take any JSON, and resolvers, which rely on their types,
 * would find out by failing.
 */
export function restrictScalars(schema: GraphQLSchema): void {
  for (const [name, read] of Object.entries(SCALARS)) {
    const scalar = schema.getType(name) as GraphQLScalarType | undefined
    if (!scalar) continue
    const parseValue = (value: unknown) => {
      const text = read(value)
      if (text !== null) return text
      throw refuse('BAD_USER_INPUT', `A ${name} is written as a string.`)
    }
    scalar.parseValue = parseValue
    scalar.parseLiteral = (node, variables) => parseValue(valueFromASTUntyped(node, variables))
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
