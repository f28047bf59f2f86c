CREATE TABLE "attempt_counters" (
	"tenant_id" uuid NOT NULL,
	"key" "bytea" NOT NULL,
	"failures" integer NOT NULL,
	"blocked_until" timestamp with time zone,
	"last_at" timestamp with time zone NOT NULL,
	"familiar_until" timestamp with time zone,
	CONSTRAINT "attempt_counters_tenant_id_key_pk" PRIMARY KEY("tenant_id","key")
);
--> statement-breakpoint
CREATE TABLE "audit_heads" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"number" integer NOT NULL,
	"encoding" integer NOT NULL,
	"rows" integer NOT NULL,
	"last_xid" "xid8" NOT NULL,
	"last_id" uuid NOT NULL,
	"root" "bytea" NOT NULL,
	"marks" "bytea" NOT NULL,
	"marks_hash" "bytea" NOT NULL,
	"previous" "bytea" NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"key_id" text NOT NULL,
	"signature" "bytea" NOT NULL,
	CONSTRAINT "audit_heads_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "audit_heads__one_number" UNIQUE("tenant_id","number")
);
--> statement-breakpoint
CREATE TABLE "event_listeners" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	CONSTRAINT "event_listeners_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"xid" "xid8" NOT NULL,
	"type" text NOT NULL,
	"subject_kind" text NOT NULL,
	"subject_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"compartment_id" uuid,
	"audience_id" uuid GENERATED ALWAYS AS (coalesce(compartment_id, organization_id)) STORED NOT NULL,
	"shielded" boolean NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "events_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "events__type" CHECK ("events"."type" in ('client.recorded', 'client.updated', 'case.opened', 'case.updated', 'case.next_step_set', 'case.assigned', 'case.paused', 'case.resumed', 'case.closed', 'contact.registered', 'contact.updated', 'contact.guided', 'contact.confirmed', 'contact.taken_up', 'contact.declined', 'clearing.started', 'clearing.updated', 'clearing.paused', 'clearing.resumed', 'clearing.finished', 'clearing.discarded', 'release.drafted', 'release.signed', 'release.refused', 'release.withdrawn', 'release.superseded', 'referral.drafted', 'referral.updated', 'referral.sent', 'referral.accepted', 'referral.declined', 'referral.waitlisted', 'referral.redirected', 'referral.taken', 'referral.withdrawn', 'referral.concluded', 'referral.message_written', 'handover.prepared', 'handover.updated', 'handover.offered', 'handover.accepted', 'handover.refused', 'handover.cancelled', 'handover.arrived', 'handover.failed', 'handover.joint_talk_held', 'handover.checked', 'handover.returned', 'appointment.planned', 'appointment.changed', 'appointment.ended', 'attempt.recorded', 'task.created', 'task.updated', 'task.done', 'deadline.started', 'deadline.stopped', 'deadline.missed', 'offer.added', 'offer.changed', 'offer.capacity_changed')),
	CONSTRAINT "events__subject_kind" CHECK ("events"."subject_kind" in ('client', 'case', 'contact', 'clearing', 'release', 'referral', 'handover', 'appointment', 'attempt', 'task', 'deadline', 'offer'))
);
--> statement-breakpoint
CREATE TABLE "second_factors" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"wrapped_key" "bytea" NOT NULL,
	"sealed" "bytea" NOT NULL,
	"confirmed_at" timestamp with time zone,
	"last_step" bigint,
	"recovery_codes" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "second_factors_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "identity_providers" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"issuer" text NOT NULL,
	"audience" text NOT NULL,
	"label" text NOT NULL,
	"subject_claim" text NOT NULL,
	"email_claim" text NOT NULL,
	"name_claim" text NOT NULL,
	"link_by_email" boolean NOT NULL,
	"provision" boolean NOT NULL,
	"mappings" jsonb NOT NULL,
	"machines" jsonb NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "identity_providers_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "identity_providers__once" UNIQUE("tenant_id","issuer","audience")
);
--> statement-breakpoint
CREATE TABLE "provider_subjects" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"provider_id" uuid NOT NULL,
	"subject" text NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "provider_subjects_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "provider_subjects__once" UNIQUE("tenant_id","provider_id","subject")
);
--> statement-breakpoint
CREATE TABLE "service_account_keys" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"label" text NOT NULL,
	"secret_hash" "bytea",
	"jwk" jsonb,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"created_by_user_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "service_account_keys_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "service_account_keys__kind" CHECK ("service_account_keys"."kind" in ('secret', 'public_key')),
	CONSTRAINT "service_account_keys__one_of_both" CHECK (("service_account_keys"."secret_hash" is not null) = ("service_account_keys"."kind" = 'secret') and ("service_account_keys"."jwk" is not null) = ("service_account_keys"."kind" = 'public_key')),
	CONSTRAINT "service_account_keys__two_years" CHECK ("service_account_keys"."expires_at" <= "service_account_keys"."created_at" + interval '2 years 1 day')
);
--> statement-breakpoint
CREATE TABLE "service_accounts" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"membership_id" uuid NOT NULL,
	"scopes" text[] NOT NULL,
	"expires_on" date,
	"addresses" text[] NOT NULL,
	"responsible_user_id" uuid NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "service_accounts_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "service_accounts__not_responsible_for_itself" CHECK ("service_accounts"."responsible_user_id" <> "service_accounts"."id")
);
--> statement-breakpoint
CREATE TABLE "used_assertions" (
	"tenant_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"jti" "bytea" NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "used_assertions_tenant_id_account_id_jti_pk" PRIMARY KEY("tenant_id","account_id","jti")
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"webhook_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"event_id" uuid,
	"event_type" text,
	"subject_kind" text,
	"subject_id" uuid,
	"happened_at" timestamp with time zone NOT NULL,
	"status" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp with time zone,
	"last_attempt_at" timestamp with time zone,
	"last_status" integer,
	"last_error" text,
	"last_ms" integer,
	"delivered_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "webhook_deliveries_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "webhook_deliveries__once" UNIQUE("tenant_id","webhook_id","event_id"),
	CONSTRAINT "webhook_deliveries__event_type" CHECK ("webhook_deliveries"."event_type" in ('client.recorded', 'client.updated', 'case.opened', 'case.updated', 'case.next_step_set', 'case.assigned', 'case.paused', 'case.resumed', 'case.closed', 'contact.registered', 'contact.updated', 'contact.guided', 'contact.confirmed', 'contact.taken_up', 'contact.declined', 'clearing.started', 'clearing.updated', 'clearing.paused', 'clearing.resumed', 'clearing.finished', 'clearing.discarded', 'release.drafted', 'release.signed', 'release.refused', 'release.withdrawn', 'release.superseded', 'referral.drafted', 'referral.updated', 'referral.sent', 'referral.accepted', 'referral.declined', 'referral.waitlisted', 'referral.redirected', 'referral.taken', 'referral.withdrawn', 'referral.concluded', 'referral.message_written', 'handover.prepared', 'handover.updated', 'handover.offered', 'handover.accepted', 'handover.refused', 'handover.cancelled', 'handover.arrived', 'handover.failed', 'handover.joint_talk_held', 'handover.checked', 'handover.returned', 'appointment.planned', 'appointment.changed', 'appointment.ended', 'attempt.recorded', 'task.created', 'task.updated', 'task.done', 'deadline.started', 'deadline.stopped', 'deadline.missed', 'offer.added', 'offer.changed', 'offer.capacity_changed')),
	CONSTRAINT "webhook_deliveries__subject_kind" CHECK ("webhook_deliveries"."subject_kind" in ('client', 'case', 'contact', 'clearing', 'release', 'referral', 'handover', 'appointment', 'attempt', 'task', 'deadline', 'offer')),
	CONSTRAINT "webhook_deliveries__status" CHECK ("webhook_deliveries"."status" in ('pending', 'delivered', 'exhausted')),
	CONSTRAINT "webhook_deliveries__event_is_whole" CHECK (num_nonnulls("webhook_deliveries"."event_id", "webhook_deliveries"."event_type", "webhook_deliveries"."subject_kind", "webhook_deliveries"."subject_id") in (0, 4)),
	CONSTRAINT "webhook_deliveries__pending_is_dated" CHECK (("webhook_deliveries"."status" = 'pending') = ("webhook_deliveries"."next_attempt_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"url" text NOT NULL,
	"event_types" text[] NOT NULL,
	"status" text NOT NULL,
	"stopped_because" text,
	"wrapped_key" "bytea" NOT NULL,
	"sealed" "bytea" NOT NULL,
	"former_wrapped_key" "bytea",
	"former_sealed" "bytea",
	"former_until" timestamp with time zone,
	"read_xid" "xid8" NOT NULL,
	"read_id" uuid NOT NULL,
	"failing_since" timestamp with time zone,
	"given_up" integer DEFAULT 0 NOT NULL,
	"called_until" timestamp with time zone,
	"created_by_user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "webhooks_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "webhooks__status" CHECK ("webhooks"."status" in ('active', 'paused', 'failing')),
	CONSTRAINT "webhooks__stopped_because" CHECK ("webhooks"."stopped_because" in ('failures', 'gone')),
	CONSTRAINT "webhooks__event_types" CHECK ("webhooks"."event_types" <@ array['client.recorded', 'client.updated', 'case.opened', 'case.updated', 'case.next_step_set', 'case.assigned', 'case.paused', 'case.resumed', 'case.closed', 'contact.registered', 'contact.updated', 'contact.guided', 'contact.confirmed', 'contact.taken_up', 'contact.declined', 'clearing.started', 'clearing.updated', 'clearing.paused', 'clearing.resumed', 'clearing.finished', 'clearing.discarded', 'release.drafted', 'release.signed', 'release.refused', 'release.withdrawn', 'release.superseded', 'referral.drafted', 'referral.updated', 'referral.sent', 'referral.accepted', 'referral.declined', 'referral.waitlisted', 'referral.redirected', 'referral.taken', 'referral.withdrawn', 'referral.concluded', 'referral.message_written', 'handover.prepared', 'handover.updated', 'handover.offered', 'handover.accepted', 'handover.refused', 'handover.cancelled', 'handover.arrived', 'handover.failed', 'handover.joint_talk_held', 'handover.checked', 'handover.returned', 'appointment.planned', 'appointment.changed', 'appointment.ended', 'attempt.recorded', 'task.created', 'task.updated', 'task.done', 'deadline.started', 'deadline.stopped', 'deadline.missed', 'offer.added', 'offer.changed', 'offer.capacity_changed']::text[]),
	CONSTRAINT "webhooks__something_is_wanted" CHECK (cardinality("webhooks"."event_types") > 0),
	CONSTRAINT "webhooks__stopped_for_a_reason" CHECK (("webhooks"."status" = 'failing') = ("webhooks"."stopped_because" is not null)),
	CONSTRAINT "webhooks__former_secret_is_whole" CHECK (num_nonnulls("webhooks"."former_wrapped_key", "webhooks"."former_sealed", "webhooks"."former_until") in (0, 3))
);
--> statement-breakpoint
DROP INDEX "audit_events__by_time";--> statement-breakpoint
DROP INDEX "audit_events__by_user";--> statement-breakpoint
ALTER TABLE "users" ALTER COLUMN "email" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL;--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "external_id" text;--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "external_by" uuid;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "external_id" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "external_by" uuid;--> statement-breakpoint
ALTER TABLE "credentials" ADD COLUMN "temporary_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "memberships" ADD COLUMN "provider_id" uuid;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "scopes" text[];--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "origin_id" uuid;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "second_factor_required" text DEFAULT 'none' NOT NULL;--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "kind" text DEFAULT 'person' NOT NULL;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "external_id" text;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "external_by" uuid;--> statement-breakpoint
ALTER TABLE "event_listeners" ADD CONSTRAINT "event_listeners__organization" FOREIGN KEY ("tenant_id","id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "second_factors" ADD CONSTRAINT "second_factors__user" FOREIGN KEY ("tenant_id","id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "provider_subjects" ADD CONSTRAINT "provider_subjects__provider" FOREIGN KEY ("tenant_id","provider_id") REFERENCES "public"."identity_providers"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "provider_subjects" ADD CONSTRAINT "provider_subjects__user" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_account_keys" ADD CONSTRAINT "service_account_keys__account" FOREIGN KEY ("tenant_id","account_id") REFERENCES "public"."service_accounts"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_account_keys" ADD CONSTRAINT "service_account_keys__created_by" FOREIGN KEY ("tenant_id","created_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_accounts" ADD CONSTRAINT "service_accounts__user" FOREIGN KEY ("tenant_id","id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_accounts" ADD CONSTRAINT "service_accounts__membership" FOREIGN KEY ("tenant_id","membership_id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "service_accounts" ADD CONSTRAINT "service_accounts__responsible" FOREIGN KEY ("tenant_id","responsible_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "used_assertions" ADD CONSTRAINT "used_assertions__account" FOREIGN KEY ("tenant_id","account_id") REFERENCES "public"."service_accounts"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries__webhook" FOREIGN KEY ("tenant_id","webhook_id") REFERENCES "public"."webhooks"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks__organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks__created_by" FOREIGN KEY ("tenant_id","created_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_heads__by_time" ON "audit_heads" USING btree ("tenant_id","at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "events__feed" ON "events" USING btree ("tenant_id","audience_id","xid","id");--> statement-breakpoint
CREATE INDEX "service_account_keys__of_account" ON "service_account_keys" USING btree ("tenant_id","account_id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries__log" ON "webhook_deliveries" USING btree ("tenant_id","webhook_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "webhook_deliveries__due" ON "webhook_deliveries" USING btree ("tenant_id","webhook_id","next_attempt_at") WHERE "webhook_deliveries"."status" = 'pending';--> statement-breakpoint
CREATE INDEX "webhook_deliveries__by_age" ON "webhook_deliveries" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE INDEX "webhooks__of_organization" ON "webhooks" USING btree ("tenant_id","organization_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "audit_events__by_transaction" ON "audit_events" USING btree ("tenant_id","xid","id");--> statement-breakpoint
CREATE INDEX "audit_events__by_member" ON "audit_events" USING btree ("tenant_id","user_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "cases__external_id" ON "cases" USING btree ("tenant_id","external_by","external_id") WHERE "cases"."external_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "clients__external_id" ON "clients" USING btree ("tenant_id","external_by","external_id") WHERE "clients"."external_id" is not null;--> statement-breakpoint
CREATE INDEX "sessions__by_user" ON "sessions" USING btree ("tenant_id","user_id") WHERE "sessions"."revoked_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "referrals__external_id" ON "referrals" USING btree ("tenant_id","external_by","external_id") WHERE "referrals"."external_id" is not null;--> statement-breakpoint
ALTER TABLE "cases" ADD CONSTRAINT "cases__external_id_of_somebody" CHECK (("cases"."external_id" is null) = ("cases"."external_by" is null));--> statement-breakpoint
ALTER TABLE "clients" ADD CONSTRAINT "clients__external_id_of_somebody" CHECK (("clients"."external_id" is null) = ("clients"."external_by" is null));--> statement-breakpoint
ALTER TABLE "tenants" ADD CONSTRAINT "tenants__second_factor_required" CHECK ("tenants"."second_factor_required" in ('none', 'content_roles', 'everyone'));--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users__kind" CHECK ("users"."kind" in ('person', 'service'));--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users__email_of_people" CHECK (("users"."kind" = 'person') = ("users"."email" is not null));--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__external_id_of_somebody" CHECK (("referrals"."external_id" is null) = ("referrals"."external_by" is null));