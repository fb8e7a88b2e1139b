import type { z } from "zod";

/** What an endpoint's query is when its schema has read it. */
export type QueryOf<E extends { readonly query?: z.ZodType }> = z.output<NonNullable<E["query"]>>;

/** What an endpoint's body is when its schema has read it. */
export type BodyOf<E extends { readonly body?: z.ZodType }> = z.output<NonNullable<E["body"]>>;

/** What an endpoint is answered with, before its schema writes it. */
export type AnswerOf<E extends { readonly answer?: z.ZodType }> = z.input<NonNullable<E["answer"]>>;
