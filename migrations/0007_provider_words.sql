-- Two subjects of one provider were one person here: which of the two it is, nobody can tell. Both are forgotten; whoever
-- comes with a verified address is linked anew (no policy is asked: access/ forces them again).
ALTER TABLE "provider_subjects" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
DELETE FROM "provider_subjects" a USING "provider_subjects" b
WHERE a."tenant_id" = b."tenant_id" AND a."provider_id" = b."provider_id" AND a."user_id" = b."user_id" AND a."id" <> b."id";--> statement-breakpoint
-- What became reserved for people no machine keeps.
ALTER TABLE "service_accounts" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
UPDATE "service_accounts" SET "scopes" = array_remove("scopes", 'tenants.update'), "version" = "version" + 1
WHERE 'tenants.update' = ANY ("scopes");--> statement-breakpoint
ALTER TABLE "users" DROP CONSTRAINT "users__one_email";--> statement-breakpoint
-- Who ended what until now, nobody can tell: it counts as ended by a human.
ALTER TABLE "memberships" ADD COLUMN "ended_by_provider" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "provider_subjects" ADD COLUMN "email_verified" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "provider_subjects" ADD COLUMN "newest_iat" double precision DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "users__one_email" ON "users" USING btree ("tenant_id","email") WHERE "users"."active";--> statement-breakpoint
CREATE INDEX "users__by_email" ON "users" USING btree ("tenant_id","email","id");--> statement-breakpoint
ALTER TABLE "provider_subjects" ADD CONSTRAINT "provider_subjects__one_person" UNIQUE("tenant_id","provider_id","user_id");
