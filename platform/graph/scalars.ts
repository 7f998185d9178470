import type { GraphQLScalarType, GraphQLSchema } from 'graphql'
import { valueFromASTUntyped } from 'graphql'
import { refuse } from './errors.ts'

const TEXTS = ['DateTime', 'Decimal', 'Cursor']

/**
 * Our scalars are texts. As the schema alone has them they would take any JSON, and resolvers, which
 * rely on their types, would find out by failing.
 */
export function restrictScalars(schema: GraphQLSchema): void {
  for (const name of TEXTS) {
    const scalar = schema.getType(name) as GraphQLScalarType | undefined
    if (!scalar) continue
    const parseValue = (value: unknown) => {
      if (typeof value === 'string') return value
      throw refuse('BAD_USER_INPUT', `A ${name} is written as a string.`)
    }
    scalar.parseValue = parseValue
    scalar.parseLiteral = (node, variables) => parseValue(valueFromASTUntyped(node, variables))
  }
}
