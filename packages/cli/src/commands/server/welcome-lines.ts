/**
 * What the first start tells: the administrator and the commands to try.
 *
 * @param administrator as created; without a password when that came from the configuration
 * @param url under which clients reach the registry
 */
export function welcomeLines(
  administrator: { readonly name: string; readonly password: string | undefined },
  url: string,
): string[] {
  const { name, password } = administrator;
  const { host, origin } = new URL(url);
  return [
    "",
    `Wharf is ready at ${origin}`,
    "",
    ...(password === undefined
      ? [`The administrator ${name} is created, with the password of the configuration.`]
      : [
          "An administrator is created. The password is shown only now:",
          "",
          `  name      ${name}`,
          `  password  ${password}`,
        ]),
    "",
    "Try it:",
    "",
    `  docker login --username ${name} ${host}`,
    `  docker tag IMAGE ${host}/${name}/app`,
    `  docker push ${host}/${name}/app`,
    "",
    "and take it away in one layer:",
    "",
    `  docker pull ${host}/${name}/app:latest.squash`,
    `  curl -L -f -u ${name} ${origin}/c1/squash/${name}/app/latest | docker load`,
    "",
  ];
}
