import type { CommandEntry } from "../../command-entry.ts";

/** All verbs of `wharf admin`, in the order in which they are listed. */
export const ADMIN_COMMANDS: readonly CommandEntry[] = [
  {
    name: "admin user create",
    summary: "create a user",
    load: async () => (await import("./user-create.ts")).userCreate,
  },
  {
    name: "admin user list",
    summary: "list the users",
    load: async () => (await import("./user-list.ts")).userList,
  },
  {
    name: "admin user password",
    summary: "set the password of a user",
    load: async () => (await import("./user-password.ts")).userPassword,
  },
  {
    name: "admin user recover",
    summary: "send a user a mail with a code for a new password",
    load: async () => (await import("./user-recover.ts")).userRecover,
  },
  {
    name: "admin user change",
    summary: "change address, state or rights of a user",
    load: async () => (await import("./user-change.ts")).userChange,
  },
  {
    name: "admin user delete",
    summary: "delete a user with their robots and tokens",
    load: async () => (await import("./user-delete.ts")).userDelete,
  },
  {
    name: "admin organization create",
    summary: "create an organization, a namespace for several",
    load: async () => (await import("./organization-create.ts")).organizationCreate,
  },
  {
    name: "admin organization list",
    summary: "list the organizations",
    load: async () => (await import("./organization-list.ts")).organizationList,
  },
  {
    name: "admin organization change",
    summary: "change address, text or tag window of one",
    load: async () => (await import("./organization-change.ts")).organizationChange,
  },
  {
    name: "admin organization members",
    summary: "list the people of an organization",
    load: async () => (await import("./organization-members.ts")).organizationMembers,
  },
  {
    name: "admin organization delete",
    summary: "delete an organization with its robots and teams",
    load: async () => (await import("./organization-delete.ts")).organizationDelete,
  },
  {
    name: "admin team create",
    summary: "create a team in an organization",
    load: async () => (await import("./team-create.ts")).teamCreate,
  },
  {
    name: "admin team list",
    summary: "list the teams of an organization",
    load: async () => (await import("./team-list.ts")).teamList,
  },
  {
    name: "admin team change",
    summary: "change the role or description of a team",
    load: async () => (await import("./team-change.ts")).teamChange,
  },
  {
    name: "admin team delete",
    summary: "delete a team with the roles it was given",
    load: async () => (await import("./team-delete.ts")).teamDelete,
  },
  {
    name: "admin team member add",
    summary: "put a user or robot into a team",
    load: async () => (await import("./team-member-add.ts")).teamMemberAdd,
  },
  {
    name: "admin team member list",
    summary: "list who is in a team, or invited to it",
    load: async () => (await import("./team-member-list.ts")).teamMemberList,
  },
  {
    name: "admin team member remove",
    summary: "take a user or robot out of a team",
    load: async () => (await import("./team-member-remove.ts")).teamMemberRemove,
  },
  {
    name: "admin robot create",
    summary: "create a robot, an account for a machine",
    load: async () => (await import("./robot-create.ts")).robotCreate,
  },
  {
    name: "admin robot list",
    summary: "list the robots of a user or organization",
    load: async () => (await import("./robot-list.ts")).robotList,
  },
  {
    name: "admin robot show",
    summary: "show a robot, with its token if you want",
    load: async () => (await import("./robot-show.ts")).robotShow,
  },
  {
    name: "admin robot change",
    summary: "change the description or expiration of a robot",
    load: async () => (await import("./robot-change.ts")).robotChange,
  },
  {
    name: "admin robot delete",
    summary: "delete a robot",
    load: async () => (await import("./robot-delete.ts")).robotDelete,
  },
  {
    name: "admin robot token",
    summary: "make a new token in place of a robot's old one",
    load: async () => (await import("./robot-token.ts")).robotToken,
  },
  {
    name: "admin robot token create",
    summary: "give a robot one more token beside those it has",
    load: async () => (await import("./robot-token-create.ts")).robotTokenCreate,
  },
  {
    name: "admin robot token list",
    summary: "list the tokens of a robot, without what is secret",
    load: async () => (await import("./robot-token-list.ts")).robotTokenList,
  },
  {
    name: "admin robot token revoke",
    summary: "revoke one token of a robot",
    load: async () => (await import("./robot-token-revoke.ts")).robotTokenRevoke,
  },
  {
    name: "admin robot federation list",
    summary: "list whose OIDC tokens a robot trusts",
    load: async () => (await import("./robot-federation-list.ts")).robotFederationList,
  },
  {
    name: "admin robot federation set",
    summary: "let a robot trust the OIDC tokens of somebody",
    load: async () => (await import("./robot-federation-set.ts")).robotFederationSet,
  },
  {
    name: "admin robot federation remove",
    summary: "let a robot trust somebody no longer, or nobody",
    load: async () => (await import("./robot-federation-remove.ts")).robotFederationRemove,
  },
  {
    name: "admin application create",
    summary: "create an OAuth application of an organization",
    load: async () => (await import("./application-create.ts")).applicationCreate,
  },
  {
    name: "admin application list",
    summary: "list the OAuth applications of an organization",
    load: async () => (await import("./application-list.ts")).applicationList,
  },
  {
    name: "admin application delete",
    summary: "delete an OAuth application with all its tokens",
    load: async () => (await import("./application-delete.ts")).applicationDelete,
  },
  {
    name: "admin token create",
    summary: "make a token for a user or a repository",
    load: async () => (await import("./token-create.ts")).tokenCreate,
  },
  {
    name: "admin token list",
    summary: "list tokens of a user, repository or application",
    load: async () => (await import("./token-list.ts")).tokenList,
  },
  {
    name: "admin token revoke",
    summary: "revoke a token of them",
    load: async () => (await import("./token-revoke.ts")).tokenRevoke,
  },
  {
    name: "admin repository create",
    summary: "create a repository, as a first push would",
    load: async () => (await import("./repository-create.ts")).repositoryCreate,
  },
  {
    name: "admin repository list",
    summary: "list the repositories",
    load: async () => (await import("./repository-list.ts")).repositoryList,
  },
  {
    name: "admin repository change",
    summary: "change the settings of a repository",
    load: async () => (await import("./repository-change.ts")).repositoryChange,
  },
  {
    name: "admin repository delete",
    summary: "delete a repository with all its tags and images",
    load: async () => (await import("./repository-delete.ts")).repositoryDelete,
  },
  {
    name: "admin repository deleted",
    summary: "list what can still be restored of a namespace",
    load: async () => (await import("./repository-deleted.ts")).repositoryDeleted,
  },
  {
    name: "admin repository restore",
    summary: "restore a deleted repository with all it had",
    load: async () => (await import("./repository-restore.ts")).repositoryRestore,
  },
  {
    name: "admin repository purge",
    summary: "end a deleted repository before its time",
    load: async () => (await import("./repository-purge.ts")).repositoryPurge,
  },
  {
    name: "admin repository restore-tags",
    summary: "take its tags back to what they were at a time",
    load: async () => (await import("./repository-restore-tags.ts")).repositoryRestoreTags,
  },
  {
    name: "admin permission set",
    summary: "give a user, robot or team a role on a repository",
    load: async () => (await import("./permission-set.ts")).permissionSet,
  },
  {
    name: "admin permission list",
    summary: "list who has a role on a repository",
    load: async () => (await import("./permission-list.ts")).permissionList,
  },
  {
    name: "admin permission remove",
    summary: "take a role on a repository away",
    load: async () => (await import("./permission-remove.ts")).permissionRemove,
  },
  {
    name: "admin default-permission add",
    summary: "give a role on every new repository",
    load: async () => (await import("./default-permission-add.ts")).defaultPermissionAdd,
  },
  {
    name: "admin default-permission list",
    summary: "list the roles that new repositories begin with",
    load: async () => (await import("./default-permission-list.ts")).defaultPermissionList,
  },
  {
    name: "admin default-permission remove",
    summary: "remove a default permission of an organization",
    load: async () => (await import("./default-permission-remove.ts")).defaultPermissionRemove,
  },
  {
    name: "admin tag list",
    summary: "list the tags of a repository, as they are or were",
    load: async () => (await import("./tag-list.ts")).tagList,
  },
  {
    name: "admin tag history",
    summary: "list what a tag has pointed to, and who moved it",
    load: async () => (await import("./tag-history.ts")).tagHistory,
  },
  {
    name: "admin tag set",
    summary: "create a tag, or move it to another image",
    load: async () => (await import("./tag-set.ts")).tagSet,
  },
  {
    name: "admin tag delete",
    summary: "delete a tag; it can be taken back for a while",
    load: async () => (await import("./tag-delete.ts")).tagDelete,
  },
  {
    name: "admin tag restore",
    summary: "take a tag back to an earlier image",
    load: async () => (await import("./tag-restore.ts")).tagRestore,
  },
  {
    name: "admin tag purge",
    summary: "delete an image of a tag for good",
    load: async () => (await import("./tag-purge.ts")).tagPurge,
  },
  {
    name: "admin tag expire",
    summary: "say when a tag expires, or that it does not",
    load: async () => (await import("./tag-expire.ts")).tagExpire,
  },
  {
    name: "admin tag protect",
    summary: "make a tag immutable",
    load: async () => (await import("./tag-protect.ts")).tagProtect,
  },
  {
    name: "admin tag unprotect",
    summary: "let a protected tag be moved and deleted again",
    load: async () => (await import("./tag-unprotect.ts")).tagUnprotect,
  },
  {
    name: "admin policy prune add",
    summary: "let old tags go by themselves, by number or age",
    load: async () => (await import("./policy-prune-add.ts")).policyPruneAdd,
  },
  {
    name: "admin policy prune list",
    summary: "list the policies by which tags go",
    load: async () => (await import("./policy-prune-list.ts")).policyPruneList,
  },
  {
    name: "admin policy prune remove",
    summary: "remove a policy by which tags go",
    load: async () => (await import("./policy-prune-remove.ts")).policyPruneRemove,
  },
  {
    name: "admin policy prune preview",
    summary: "tell which tags would go",
    load: async () => (await import("./policy-prune-preview.ts")).policyPrunePreview,
  },
  {
    name: "admin policy immutability add",
    summary: "protect tags by their names",
    load: async () => (await import("./policy-immutability-add.ts")).policyImmutabilityAdd,
  },
  {
    name: "admin policy immutability list",
    summary: "list the policies that protect tags",
    load: async () => (await import("./policy-immutability-list.ts")).policyImmutabilityList,
  },
  {
    name: "admin policy immutability remove",
    summary: "remove a policy that protects tags",
    load: async () => (await import("./policy-immutability-remove.ts")).policyImmutabilityRemove,
  },
  {
    name: "admin quota set",
    summary: "limit how much a user or organization may keep",
    load: async () => (await import("./quota-set.ts")).quotaSet,
  },
  {
    name: "admin quota list",
    summary: "show a quota, and how much of it is used",
    load: async () => (await import("./quota-list.ts")).quotaList,
  },
  {
    name: "admin quota remove",
    summary: "remove the quota of a user or organization",
    load: async () => (await import("./quota-remove.ts")).quotaRemove,
  },
  {
    name: "admin log list",
    summary: "list what was done, the latest first",
    load: async () => (await import("./log-list.ts")).logList,
  },
  {
    name: "admin log export",
    summary: "write what was done to standard output",
    load: async () => (await import("./log-export.ts")).logExport,
  },
  {
    name: "admin message add",
    summary: "publish a message to all users",
    load: async () => (await import("./message-add.ts")).messageAdd,
  },
  {
    name: "admin message list",
    summary: "list the messages to all users, the latest first",
    load: async () => (await import("./message-list.ts")).messageList,
  },
  {
    name: "admin message remove",
    summary: "withdraw a message to all users",
    load: async () => (await import("./message-remove.ts")).messageRemove,
  },
  {
    name: "admin gc",
    summary: "delete what nothing refers to, or tell what it is",
    load: async () => (await import("./gc.ts")).gc,
  },
];
