import type { RegistryContext } from "../../context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { readForm, sendFormPage } from "../../http/form-page.ts";
import type { FormPage } from "../../http/form-page.ts";
import type { PlainRoute } from "../../http/plain-route.ts";
import { RegistryError } from "../../http/registry-error.ts";
import { confirmEmail } from "../users/confirm-email.ts";
import { recover } from "../users/recover.ts";

/**
 * Where the links of mails lead: pages that ask once more, as programs that look through mails open every link. They
 * need no session, the code is all there is to know.
 */
export const mailLinkRoutes: readonly PlainRoute[] = [
  page("GET", "/confirm", async (exchange) => {
    sendFormPage(exchange, 200, confirmation(codeOf(exchange.query)));
  }),

  page("POST", "/confirm", async (exchange, context) => {
    const form = await readForm(exchange);
    await answer(exchange, confirmation(codeOf(form)), async () => {
      const { username, email } = await confirmEmail(context, codeOf(form), exchange);
      return {
        title: "The address is confirmed",
        text: `${email} is the address of the user ${username}.`,
      };
    });
  }),

  page("GET", "/recovery", async (exchange) => {
    sendFormPage(exchange, 200, newPassword(codeOf(exchange.query)));
  }),

  page("POST", "/recovery", async (exchange, context) => {
    const form = await readForm(exchange);
    await answer(exchange, newPassword(codeOf(form)), async () => {
      const password = form.get("password") ?? "";
      if (password !== form.get("again")) throw different();
      const username = await recover(context, { code: codeOf(form), password }, exchange);
      return {
        title: "The password is changed",
        text: `The user ${username} has a new password, and all sessions have ended. Sign in with it.`,
      };
    });
  }),
];

function page(
  method: "GET" | "POST",
  path: string,
  handle: (exchange: Exchange, context: RegistryContext) => Promise<void>,
): PlainRoute {
  return {
    endpoint: { method, path },
    label: "mail-link",
    handle: (exchange, _parameters, context) => handle(exchange, context),
  };
}

function codeOf(values: URLSearchParams): string {
  return values.get("code") ?? "";
}

function confirmation(code: string): FormPage {
  return {
    title: "Confirm your e-mail address",
    text: "Mails of the registry will go to this address.",
    form: {
      action: "/confirm",
      button: "Confirm",
      fields: [{ name: "code", type: "hidden", value: code }],
    },
  };
}

function newPassword(code: string): FormPage {
  return {
    title: "Choose a new password",
    text: "It must have at least 8 characters. All sessions end with it.",
    form: {
      action: "/recovery",
      button: "Change the password",
      fields: [
        { name: "code", type: "hidden", value: code },
        { name: "password", type: "password", label: "New password" },
        { name: "again", type: "password", label: "The same again" },
      ],
    },
  };
}

/** The page again, with what was wrong, when it was refused. */
async function answer(
  exchange: Exchange,
  form: FormPage,
  work: () => Promise<FormPage>,
): Promise<void> {
  try {
    sendFormPage(exchange, 200, await work());
  } catch (error) {
    if (!(error instanceof RegistryError) || error.status >= 500) throw error;
    const text = `That did not work: ${error.message}.`;
    sendFormPage(exchange, error.status, { ...form, text });
  }
}

function different(): RegistryError {
  return new RegistryError("PARAMETER_INVALID", "the two passwords are not the same", {
    detail: { field: "again" },
  });
}
