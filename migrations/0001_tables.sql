CREATE TABLE "audit_events" (
	"tenant_id" uuid NOT NULL,
	"id" uuid DEFAULT uuidv7() NOT NULL,
	"at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	"user_id" uuid,
	"membership_id" uuid,
	"role" text,
	"action" text NOT NULL,
	"status" integer NOT NULL,
	"code" text,
	"object_ids" uuid[] NOT NULL,
	"client_ids" uuid[] NOT NULL,
	"fields" text[] NOT NULL,
	"basis" text,
	"criteria" text,
	"request_id" text NOT NULL,
	CONSTRAINT "audit_events_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"tenant_id" uuid NOT NULL,
	"principal_id" uuid NOT NULL,
	"key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"status" integer NOT NULL,
	"resource_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_tenant_id_principal_id_key_pk" PRIMARY KEY("tenant_id","principal_id","key")
);
--> statement-breakpoint
CREATE TABLE "case_leads" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"membership_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"from_at" timestamp with time zone NOT NULL,
	"until_at" timestamp with time zone,
	CONSTRAINT "case_leads_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "cases" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"previous_case_id" uuid,
	"status" text NOT NULL,
	"phase" text NOT NULL,
	"requester_role" text NOT NULL,
	"referral_source" text NOT NULL,
	"concern" text NOT NULL,
	"lead_membership_id" uuid,
	"next_step" text,
	"next_step_on" date,
	"pause_reason" text,
	"end_type" text,
	"outcome" text,
	"opened_by_user_id" uuid NOT NULL,
	"opened_at" timestamp with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "cases_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "cases__status" CHECK ("cases"."status" in ('open', 'waiting', 'paused', 'closed')),
	CONSTRAINT "cases__phase" CHECK ("cases"."phase" in ('clarification', 'assessment', 'planning', 'linking', 'monitoring', 'evaluation')),
	CONSTRAINT "cases__one_lead_and_one_dated_next_step" CHECK ("cases"."status" = 'closed' or num_nonnulls("cases"."lead_membership_id", "cases"."next_step", "cases"."next_step_on") = 3),
	CONSTRAINT "cases__closed_with_end_and_outcome" CHECK (("cases"."status" = 'closed') = (num_nonnulls("cases"."closed_at", "cases"."end_type", "cases"."outcome") = 3)
        and ("cases"."status" = 'closed' or num_nonnulls("cases"."closed_at", "cases"."end_type", "cases"."outcome") = 0))
);
--> statement-breakpoint
CREATE TABLE "clearing_guides" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"key" text NOT NULL,
	"number" integer NOT NULL,
	"content" jsonb NOT NULL,
	"published_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "clearing_guides_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "clearing_guides__one_per_number" UNIQUE("tenant_id","key","number")
);
--> statement-breakpoint
CREATE TABLE "clearings" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"guide_id" uuid NOT NULL,
	"previous_clearing_id" uuid,
	"status" text NOT NULL,
	"answers" jsonb NOT NULL,
	"ratings" jsonb NOT NULL,
	"strengths" text NOT NULL,
	"wishes" text NOT NULL,
	"audit_c_answers" integer[],
	"audit_c_language" text,
	"audit_c" jsonb,
	"safety_prompts" text[] NOT NULL,
	"started_by_user_id" uuid NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "clearings_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "clearings__status" CHECK ("clearings"."status" in ('started', 'paused', 'finished', 'discarded')),
	CONSTRAINT "clearings__finished_at" CHECK (("clearings"."status" = 'finished') = ("clearings"."finished_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "clients" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"shielded" boolean NOT NULL,
	"identification_level" text NOT NULL,
	"age_band" text NOT NULL,
	"gender" text NOT NULL,
	"district" text,
	"ags" text,
	"language" text,
	"interpreter_needed" boolean NOT NULL,
	"alias" text,
	"person_code" "bytea",
	"wrapped_key" "bytea",
	"sealed" "bytea",
	"family_name_index" "bytea",
	"given_name_index" "bytea",
	"birth_date_index" "bytea",
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "clients_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "clients__identification_level" CHECK ("clients"."identification_level" in ('anonymous', 'pseudonymous', 'identified')),
	CONSTRAINT "clients__age_band" CHECK ("clients"."age_band" in ('u15', 'a15_19', 'a20_24', 'a25_29', 'a30_34', 'a35_39', 'a40_44', 'a45_49', 'a50_54', 'a55_59', 'a60_64', 'o65', 'unknown')),
	CONSTRAINT "clients__gender" CHECK ("clients"."gender" in ('female', 'male', 'diverse', 'no_entry')),
	CONSTRAINT "clients__anonymous_means_anonymous" CHECK ("clients"."identification_level" <> 'anonymous' or num_nonnulls("clients"."alias", "clients"."person_code", "clients"."sealed", "clients"."ags",
        "clients"."family_name_index", "clients"."given_name_index", "clients"."birth_date_index") = 0),
	CONSTRAINT "clients__names_only_when_identified" CHECK ("clients"."identification_level" = 'identified'
        or num_nonnulls("clients"."family_name_index", "clients"."given_name_index", "clients"."birth_date_index") = 0),
	CONSTRAINT "clients__sealed_with_a_key" CHECK (("clients"."sealed" is null) = ("clients"."wrapped_key" is null)),
	CONSTRAINT "clients__shielded_apart" CHECK ("clients"."compartment_id" = case when "clients"."shielded" then "clients"."id" else "clients"."organization_id" end)
);
--> statement-breakpoint
CREATE TABLE "identification_steps" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"from_level" text NOT NULL,
	"to_level" text NOT NULL,
	"reason" text NOT NULL,
	"by_user_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "identification_steps_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "offers" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"type" text NOT NULL,
	"name" text NOT NULL,
	"description" text NOT NULL,
	"target_groups" text[] NOT NULL,
	"languages" text[] NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "offers_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "offers__type" CHECK ("offers"."type" in ('addiction_counselling', 'navigator_service', 'low_threshold', 'street_outreach', 'street_nurse', 'detox', 'outpatient_treatment', 'day_treatment', 'inpatient_rehab', 'adaptation', 'aftercare', 'opioid_substitution', 'psychosocial_support', 'self_help_group', 'relatives_group', 'social_psychiatry', 'psychiatry', 'sociotherapy', 'supported_housing', 'emergency_housing', 'long_term_housing', 'work_integration', 'debt_counselling', 'youth_welfare', 'family_support', 'early_help', 'pregnancy_counselling', 'prevention_primary', 'prevention_secondary', 'peer_education', 'online', 'other')),
	CONSTRAINT "offers__target_groups" CHECK ("offers"."target_groups" <@ array['dependent_adult', 'at_risk_user', 'young_person', 'relative', 'family_affected', 'parent_dependent', 'expectant_parent', 'parent_substituted', 'child_of_dependent', 'dual_diagnosis', 'long_term_harm', 'older_person', 'medication_dependent', 'migration_background', 'new_addictions', 'not_reached_before', 'complex_needs']::text[])
);
--> statement-breakpoint
CREATE TABLE "handover_sheets" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"sections" jsonb NOT NULL,
	CONSTRAINT "handover_sheets_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "handovers" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"referral_id" uuid NOT NULL,
	"giver_organization_id" uuid NOT NULL,
	"receiver_organization_id" uuid NOT NULL,
	"giver_organization_name" text NOT NULL,
	"receiver_organization_name" text NOT NULL,
	"type" text NOT NULL,
	"status" text NOT NULL,
	"responsible_organization_id" uuid GENERATED ALWAYS AS (case when status = 'arrived' then receiver_organization_id else giver_organization_id end) STORED NOT NULL,
	"basis" text NOT NULL,
	"release_id" uuid,
	"categories" text[] NOT NULL,
	"meeting_at" timestamp with time zone,
	"offered_at" timestamp with time zone,
	"accepted_at" timestamp with time zone,
	"arrived_at" timestamp with time zone,
	"arrival_confirmed_by" text,
	"failed_at" timestamp with time zone,
	"refusal_reason" text,
	"refusal_note" text,
	"cancellation" text,
	"created_by_user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "handovers_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "handovers__type" CHECK ("handovers"."type" in ('warm_joint', 'warm_phone', 'accompanied', 'written', 'emergency', 'internal')),
	CONSTRAINT "handovers__status" CHECK ("handovers"."status" in ('prepared', 'offered', 'accepted', 'refused', 'arrived', 'failed', 'cancelled')),
	CONSTRAINT "handovers__categories" CHECK ("handovers"."categories" <@ array['existence_of_contact', 'identity_contact', 'substance_use', 'clearing_summary', 'screening_scores', 'health_somatic', 'health_mental', 'medication', 'family_children', 'housing_finance', 'legal_matters', 'work_education', 'help_plan', 'attendance_only', 'drug_test_results', 'violence_safety', 'existing_help']::text[]),
	CONSTRAINT "handovers__arrival_has_a_source" CHECK (("handovers"."status" = 'arrived') = (num_nonnulls("handovers"."arrived_at", "handovers"."arrival_confirmed_by") = 2)),
	CONSTRAINT "handovers__refusal_has_a_reason" CHECK ("handovers"."status" <> 'refused' or "handovers"."refusal_reason" is not null)
);
--> statement-breakpoint
CREATE TABLE "credentials" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"password_hash" text NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "credentials_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "memberships" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"role" text NOT NULL,
	"ended_at" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "memberships_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "memberships__role" CHECK ("memberships"."role" in ('navigator', 'navigation_head', 'network_professional', 'youth_welfare_professional', 'self_help_rep', 'coordinator', 'planner', 'board_member', 'prevention_officer', 'safeguarding_expert', 'dpo', 'tenant_admin', 'auditor'))
);
--> statement-breakpoint
CREATE TABLE "named_members" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"membership_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "named_members_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "named_members__once" UNIQUE("tenant_id","membership_id","compartment_id")
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"parent_id" uuid,
	"kind" text NOT NULL,
	"sector" text NOT NULL,
	"name" text NOT NULL,
	"phone" text,
	"email" text,
	"address" text,
	"website" text,
	"residences" text[] NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "organizations_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "organizations__kind" CHECK ("organizations"."kind" in ('municipal_unit', 'service_provider', 'funder', 'youth_office', 'self_help', 'clinic', 'practice', 'umbrella', 'driving_school', 'other')),
	CONSTRAINT "organizations__sector" CHECK ("organizations"."sector" in ('addiction', 'health', 'psychiatry', 'social_psychiatry', 'youth', 'work', 'housing', 'debt', 'justice', 'education', 'workplace', 'self_help', 'prevention', 'transport')),
	CONSTRAINT "organizations__not_its_own_parent" CHECK ("organizations"."parent_id" <> "organizations"."id")
);
--> statement-breakpoint
CREATE TABLE "secrecy_obligations" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"basis" text NOT NULL,
	"bound_on" date NOT NULL,
	"recorded_by_user_id" uuid NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "secrecy_obligations_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "secrecy_obligations__basis" CHECK ("secrecy_obligations"."basis" in ('profession_203', 'public_official', 'assisting_person', 'declared')),
	CONSTRAINT "secrecy_obligations__by_somebody_else" CHECK ("secrecy_obligations"."user_id" <> "secrecy_obligations"."recorded_by_user_id"),
	CONSTRAINT "secrecy_obligations__not_in_the_future" CHECK ("secrecy_obligations"."bound_on" <= ("secrecy_obligations"."recorded_at" at time zone 'UTC')::date + 1)
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"membership_id" uuid NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "sessions_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "tenants" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"country" text NOT NULL,
	"time_zone" text NOT NULL,
	"language" text NOT NULL,
	"audit_c_cutoffs" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenants_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "tenants__one_slug" UNIQUE("tenant_id","slug"),
	CONSTRAINT "tenants__is_its_own_tenant" CHECK ("tenants"."tenant_id" = "tenants"."id"),
	CONSTRAINT "tenants__kind" CHECK ("tenants"."kind" in ('city', 'district', 'district_member', 'kommune')),
	CONSTRAINT "tenants__country" CHECK ("tenants"."country" in ('de', 'dk'))
);
--> statement-breakpoint
CREATE TABLE "users" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"language" text NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "users__one_email" UNIQUE("tenant_id","email"),
	CONSTRAINT "users__email_lower_case" CHECK ("users"."email" = lower("users"."email"))
);
--> statement-breakpoint
CREATE TABLE "referral_letters" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"situation" text NOT NULL,
	CONSTRAINT "referral_letters_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "referrals" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"offer_id" uuid NOT NULL,
	"sender_organization_id" uuid NOT NULL,
	"recipient_organization_id" uuid NOT NULL,
	"status" text NOT NULL,
	"urgency" text NOT NULL,
	"basis" text NOT NULL,
	"release_id" uuid,
	"categories" text[] NOT NULL,
	"sender_name" text,
	"sender_organization_name" text NOT NULL,
	"recipient_organization_name" text NOT NULL,
	"offer_name" text NOT NULL,
	"answer_due_on" date,
	"sent_at" timestamp with time zone,
	"seen_at" timestamp with time zone,
	"answered_at" timestamp with time zone,
	"answered_by_name" text,
	"decline_reason" text,
	"decline_side" text,
	"decline_note" text,
	"withdrawn_by" text,
	"ended_at" timestamp with time zone,
	"created_by_user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "referrals_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "referrals__status" CHECK ("referrals"."status" in ('draft', 'sent', 'accepted', 'waitlisted', 'declined', 'redirected', 'started', 'not_started', 'withdrawn', 'closed_engaged')),
	CONSTRAINT "referrals__urgency" CHECK ("referrals"."urgency" in ('routine', 'soon', 'urgent')),
	CONSTRAINT "referrals__categories" CHECK ("referrals"."categories" <@ array['existence_of_contact', 'identity_contact', 'substance_use', 'clearing_summary', 'screening_scores', 'health_somatic', 'health_mental', 'medication', 'family_children', 'housing_finance', 'legal_matters', 'work_education', 'help_plan', 'attendance_only', 'drug_test_results', 'violence_safety', 'existing_help']::text[]),
	CONSTRAINT "referrals__decline_has_reason_and_side" CHECK ("referrals"."status" <> 'declined' or num_nonnulls("referrals"."decline_reason", "referrals"."decline_side") = 2),
	CONSTRAINT "referrals__other_needs_a_sentence" CHECK ("referrals"."decline_reason" <> 'other' or "referrals"."decline_note" is not null),
	CONSTRAINT "referrals__sent_with_a_deadline" CHECK ("referrals"."status" = 'draft' or "referrals"."withdrawn_by" is not null or num_nonnulls("referrals"."sent_at", "referrals"."answer_due_on") = 2)
);
--> statement-breakpoint
CREATE TABLE "disclosures" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"basis" text NOT NULL,
	"release_id" uuid,
	"release_version" integer,
	"direction" text NOT NULL,
	"purpose" text NOT NULL,
	"categories" text[] NOT NULL,
	"sender_organization_id" uuid NOT NULL,
	"recipient_organization_id" uuid NOT NULL,
	"subject_id" uuid NOT NULL,
	"wrapped_key" "bytea" NOT NULL,
	"sealed" "bytea" NOT NULL,
	"made_by_user_id" uuid NOT NULL,
	"made_at" timestamp with time zone DEFAULT now() NOT NULL,
	"valid_until" timestamp with time zone NOT NULL,
	CONSTRAINT "disclosures_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "disclosures__basis" CHECK ("disclosures"."basis" in ('release', 'implied_team', 'kkg4_consult_pseudonymised', 'kkg4_notice', 'dk_underretning', 'necessity_34', 'duty_138', 'court_order_73', 'police_68', 'social_task_69', 'data_subject', 'anonymous')),
	CONSTRAINT "disclosures__purpose" CHECK ("disclosures"."purpose" in ('referral', 'coordination', 'case_conference', 'funding', 'feedback')),
	CONSTRAINT "disclosures__categories" CHECK ("disclosures"."categories" <@ array['existence_of_contact', 'identity_contact', 'substance_use', 'clearing_summary', 'screening_scores', 'health_somatic', 'health_mental', 'medication', 'family_children', 'housing_finance', 'legal_matters', 'work_education', 'help_plan', 'attendance_only', 'drug_test_results', 'violence_safety', 'existing_help']::text[]),
	CONSTRAINT "disclosures__release_or_another_basis" CHECK (("disclosures"."basis" = 'release') = ("disclosures"."release_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "releases" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"status" text NOT NULL,
	"discloser_organization_id" uuid NOT NULL,
	"recipient_organization_id" uuid NOT NULL,
	"recipient_person" text,
	"purpose" text NOT NULL,
	"purpose_detail" text NOT NULL,
	"categories" text[] NOT NULL,
	"direction" text NOT NULL,
	"valid_until" timestamp with time zone NOT NULL,
	"ends_with" text,
	"proof" text NOT NULL,
	"proof_reason" text,
	"information_version" integer NOT NULL,
	"information_language" text NOT NULL,
	"interpreter_used" boolean NOT NULL,
	"capacity" text NOT NULL,
	"capacity_note" text,
	"copy_given" boolean NOT NULL,
	"signed_on" date,
	"activated_at" timestamp with time zone,
	"refused_at" timestamp with time zone,
	"withdrawn_at" timestamp with time zone,
	"withdrawn_way" text,
	"superseded_by_id" uuid,
	"created_by_user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "releases_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "releases__status" CHECK ("releases"."status" in ('draft', 'active', 'withdrawn', 'superseded', 'refused')),
	CONSTRAINT "releases__purpose" CHECK ("releases"."purpose" in ('referral', 'coordination', 'case_conference', 'funding', 'feedback')),
	CONSTRAINT "releases__categories" CHECK ("releases"."categories" <@ array['existence_of_contact', 'identity_contact', 'substance_use', 'clearing_summary', 'screening_scores', 'health_somatic', 'health_mental', 'medication', 'family_children', 'housing_finance', 'legal_matters', 'work_education', 'help_plan', 'attendance_only', 'drug_test_results', 'violence_safety', 'existing_help']::text[]),
	CONSTRAINT "releases__at_least_one_category" CHECK (cardinality("releases"."categories") > 0),
	CONSTRAINT "releases__active_is_signed" CHECK ("releases"."status" in ('draft', 'refused') or "releases"."signed_on" is not null),
	CONSTRAINT "releases__withdrawn_at" CHECK (("releases"."status" = 'withdrawn') = ("releases"."withdrawn_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "tasks" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"due_on" date NOT NULL,
	"origin_id" uuid NOT NULL,
	"done_at" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tasks_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "tasks__kind" CHECK ("tasks"."kind" in ('next_step', 'recontact', 'answer_referral', 'confirm_arrival', 'redirect', 'review_plan', 'safety_prompt', 'verify_entry', 'other'))
);
--> statement-breakpoint
ALTER TABLE "case_leads" ADD CONSTRAINT "case_leads__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "case_leads" ADD CONSTRAINT "case_leads__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "case_leads" ADD CONSTRAINT "case_leads__membership" FOREIGN KEY ("tenant_id","membership_id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cases" ADD CONSTRAINT "cases__organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cases" ADD CONSTRAINT "cases__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cases" ADD CONSTRAINT "cases__previous" FOREIGN KEY ("tenant_id","previous_case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cases" ADD CONSTRAINT "cases__lead" FOREIGN KEY ("tenant_id","lead_membership_id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cases" ADD CONSTRAINT "cases__opened_by" FOREIGN KEY ("tenant_id","opened_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clearings" ADD CONSTRAINT "clearings__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clearings" ADD CONSTRAINT "clearings__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clearings" ADD CONSTRAINT "clearings__guide" FOREIGN KEY ("tenant_id","guide_id") REFERENCES "public"."clearing_guides"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clearings" ADD CONSTRAINT "clearings__previous" FOREIGN KEY ("tenant_id","previous_clearing_id") REFERENCES "public"."clearings"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clearings" ADD CONSTRAINT "clearings__started_by" FOREIGN KEY ("tenant_id","started_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clients" ADD CONSTRAINT "clients__organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identification_steps" ADD CONSTRAINT "identification_steps__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identification_steps" ADD CONSTRAINT "identification_steps__by" FOREIGN KEY ("tenant_id","by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "offers" ADD CONSTRAINT "offers__organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handover_sheets" ADD CONSTRAINT "handover_sheets__handover" FOREIGN KEY ("tenant_id","id") REFERENCES "public"."handovers"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handover_sheets" ADD CONSTRAINT "handover_sheets__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handover_sheets" ADD CONSTRAINT "handover_sheets__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__referral" FOREIGN KEY ("tenant_id","referral_id") REFERENCES "public"."referrals"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__giver" FOREIGN KEY ("tenant_id","giver_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__receiver" FOREIGN KEY ("tenant_id","receiver_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__release" FOREIGN KEY ("tenant_id","release_id") REFERENCES "public"."releases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__created_by" FOREIGN KEY ("tenant_id","created_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credentials" ADD CONSTRAINT "credentials__user" FOREIGN KEY ("tenant_id","id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships__user" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships__organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "named_members" ADD CONSTRAINT "named_members__membership" FOREIGN KEY ("tenant_id","membership_id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organizations" ADD CONSTRAINT "organizations__parent" FOREIGN KEY ("tenant_id","parent_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "secrecy_obligations" ADD CONSTRAINT "secrecy_obligations__user" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "secrecy_obligations" ADD CONSTRAINT "secrecy_obligations__recorded_by" FOREIGN KEY ("tenant_id","recorded_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions__user" FOREIGN KEY ("tenant_id","user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions__membership" FOREIGN KEY ("tenant_id","membership_id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_letters" ADD CONSTRAINT "referral_letters__referral" FOREIGN KEY ("tenant_id","id") REFERENCES "public"."referrals"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_letters" ADD CONSTRAINT "referral_letters__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_letters" ADD CONSTRAINT "referral_letters__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__offer" FOREIGN KEY ("tenant_id","offer_id") REFERENCES "public"."offers"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__sender" FOREIGN KEY ("tenant_id","sender_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__recipient" FOREIGN KEY ("tenant_id","recipient_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__release" FOREIGN KEY ("tenant_id","release_id") REFERENCES "public"."releases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__created_by" FOREIGN KEY ("tenant_id","created_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures__release" FOREIGN KEY ("tenant_id","release_id") REFERENCES "public"."releases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures__sender" FOREIGN KEY ("tenant_id","sender_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures__recipient" FOREIGN KEY ("tenant_id","recipient_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures__made_by" FOREIGN KEY ("tenant_id","made_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases__discloser" FOREIGN KEY ("tenant_id","discloser_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases__recipient" FOREIGN KEY ("tenant_id","recipient_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases__superseded_by" FOREIGN KEY ("tenant_id","superseded_by_id") REFERENCES "public"."releases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases__created_by" FOREIGN KEY ("tenant_id","created_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_events__by_time" ON "audit_events" USING btree ("tenant_id","at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "audit_events__by_user" ON "audit_events" USING btree ("tenant_id","user_id","at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "cases__by_client" ON "cases" USING btree ("tenant_id","client_id");--> statement-breakpoint
CREATE INDEX "cases__by_lead" ON "cases" USING btree ("tenant_id","lead_membership_id","next_step_on","id") WHERE "cases"."status" <> 'closed';--> statement-breakpoint
CREATE INDEX "cases__by_next_step" ON "cases" USING btree ("tenant_id","compartment_id","next_step_on","id") WHERE "cases"."status" <> 'closed';--> statement-breakpoint
CREATE INDEX "cases__newest" ON "cases" USING btree ("tenant_id","compartment_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE UNIQUE INDEX "clearings__one_draft_per_case" ON "clearings" USING btree ("tenant_id","case_id") WHERE "clearings"."status" in ('started', 'paused');--> statement-breakpoint
CREATE INDEX "clearings__by_case" ON "clearings" USING btree ("tenant_id","case_id","started_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "clients__by_birth_date" ON "clients" USING btree ("tenant_id","compartment_id","birth_date_index");--> statement-breakpoint
CREATE INDEX "clients__by_family_name" ON "clients" USING btree ("tenant_id","compartment_id","family_name_index");--> statement-breakpoint
CREATE INDEX "clients__by_person_code" ON "clients" USING btree ("tenant_id","compartment_id","person_code");--> statement-breakpoint
CREATE INDEX "clients__by_alias" ON "clients" USING btree ("tenant_id","compartment_id","alias");--> statement-breakpoint
CREATE INDEX "clients__newest" ON "clients" USING btree ("tenant_id","compartment_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "offers__by_organization" ON "offers" USING btree ("tenant_id","organization_id");--> statement-breakpoint
CREATE UNIQUE INDEX "handovers__one_open_per_referral" ON "handovers" USING btree ("tenant_id","referral_id") WHERE "handovers"."status" in ('prepared', 'offered', 'accepted');--> statement-breakpoint
CREATE INDEX "handovers__by_case" ON "handovers" USING btree ("tenant_id","case_id");--> statement-breakpoint
CREATE INDEX "handovers__by_release" ON "handovers" USING btree ("tenant_id","release_id");--> statement-breakpoint
CREATE INDEX "handovers__inbox" ON "handovers" USING btree ("tenant_id","receiver_organization_id","offered_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "handovers"."status" <> 'prepared';--> statement-breakpoint
CREATE UNIQUE INDEX "referrals__one_open_per_client_and_offer" ON "referrals" USING btree ("tenant_id","compartment_id","client_id","offer_id") WHERE "referrals"."status" in ('draft', 'sent', 'waitlisted', 'accepted', 'started', 'not_started');--> statement-breakpoint
CREATE INDEX "referrals__by_client" ON "referrals" USING btree ("tenant_id","client_id");--> statement-breakpoint
CREATE INDEX "referrals__by_case" ON "referrals" USING btree ("tenant_id","case_id");--> statement-breakpoint
CREATE INDEX "referrals__by_release" ON "referrals" USING btree ("tenant_id","release_id");--> statement-breakpoint
CREATE INDEX "referrals__inbox" ON "referrals" USING btree ("tenant_id","recipient_organization_id","sent_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "referrals"."status" <> 'draft';--> statement-breakpoint
CREATE INDEX "referrals__outbox" ON "referrals" USING btree ("tenant_id","compartment_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "disclosures__by_case" ON "disclosures" USING btree ("tenant_id","case_id","made_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "disclosures__by_subject" ON "disclosures" USING btree ("tenant_id","subject_id");--> statement-breakpoint
CREATE INDEX "disclosures__by_release" ON "disclosures" USING btree ("tenant_id","release_id");--> statement-breakpoint
CREATE INDEX "releases__by_case" ON "releases" USING btree ("tenant_id","case_id","created_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "tasks__open" ON "tasks" USING btree ("tenant_id","compartment_id","due_on","id") WHERE "tasks"."done_at" is null;--> statement-breakpoint
CREATE INDEX "tasks__by_case" ON "tasks" USING btree ("tenant_id","case_id","due_on");