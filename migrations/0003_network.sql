CREATE TABLE "answer_links" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"referral_id" uuid NOT NULL,
	"recipient_organization_id" uuid NOT NULL,
	"email" text NOT NULL,
	"language" text NOT NULL,
	"code_hash" "bytea" NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"opened_until" timestamp with time zone,
	"mailed_at" timestamp with time zone,
	"answered_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"created_by_user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "answer_links_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "answer_links__five_tries" CHECK ("answer_links"."tries" between 0 and 5)
);
--> statement-breakpoint
CREATE TABLE "appointments" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"referral_id" uuid,
	"organization_id" uuid,
	"with_whom" text,
	"mode" text NOT NULL,
	"place" text NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"minutes" integer NOT NULL,
	"accompanied_by_membership_id" uuid,
	"interpreter" text,
	"status" text NOT NULL,
	"outcome_at" timestamp with time zone,
	"outcome_by_user_id" uuid,
	"created_by_user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "appointments_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "appointments__mode" CHECK ("appointments"."mode" in ('in_person_office', 'outreach', 'home_visit', 'accompanied', 'phone', 'video', 'chat', 'email', 'letter', 'finder')),
	CONSTRAINT "appointments__status" CHECK ("appointments"."status" in ('planned', 'held', 'no_show', 'cancelled_by_person', 'cancelled_by_service')),
	CONSTRAINT "appointments__minutes" CHECK ("appointments"."minutes" between 5 and 1440),
	CONSTRAINT "appointments__outcome_is_dated" CHECK (("appointments"."status" = 'planned') = ("appointments"."outcome_at" is null))
);
--> statement-breakpoint
CREATE TABLE "contact_attempts" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"task_id" uuid,
	"attempted_on" date NOT NULL,
	"mode" text NOT NULL,
	"outcome" text NOT NULL,
	"note" text NOT NULL,
	"by_user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "contact_attempts_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "contact_attempts__mode" CHECK ("contact_attempts"."mode" in ('in_person_office', 'outreach', 'home_visit', 'accompanied', 'phone', 'video', 'chat', 'email', 'letter', 'finder')),
	CONSTRAINT "contact_attempts__outcome" CHECK ("contact_attempts"."outcome" in ('reached', 'not_reached', 'wants_no_contact'))
);
--> statement-breakpoint
CREATE TABLE "attachments" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"case_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"referral_id" uuid NOT NULL,
	"recipient_organization_id" uuid NOT NULL,
	"category" text NOT NULL,
	"type" text NOT NULL,
	"size" integer NOT NULL,
	"wrapped_key" "bytea" NOT NULL,
	"sealed_name" "bytea" NOT NULL,
	"sealed_content" "bytea" NOT NULL,
	"valid_until" timestamp with time zone,
	"created_by_user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "attachments_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "attachments__category" CHECK ("attachments"."category" in ('existence_of_contact', 'identity_contact', 'substance_use', 'clearing_summary', 'screening_scores', 'health_somatic', 'health_mental', 'medication', 'family_children', 'housing_finance', 'legal_matters', 'work_education', 'help_plan', 'attendance_only', 'drug_test_results', 'violence_safety', 'existing_help')),
	CONSTRAINT "attachments__type" CHECK ("attachments"."type" in ('pdf', 'png', 'jpeg')),
	CONSTRAINT "attachments__size" CHECK ("attachments"."size" between 1 and 10485760)
);
--> statement-breakpoint
CREATE TABLE "contact_people" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"registered_by_user_id" uuid NOT NULL,
	"to_organization_id" uuid,
	"wrapped_key" "bytea" NOT NULL,
	"sealed" "bytea" NOT NULL,
	CONSTRAINT "contact_people_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "contacts" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"registered_by_user_id" uuid NOT NULL,
	"registered_by_membership_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"requester_role" text NOT NULL,
	"mode" text NOT NULL,
	"problems" text[] NOT NULL,
	"out_of_scope" boolean NOT NULL,
	"responsible_sector" text,
	"agreed" boolean NOT NULL,
	"to_organization_id" uuid,
	"previous_contact_id" uuid,
	"first_contact_at" timestamp with time zone NOT NULL,
	"doors" integer NOT NULL,
	"next_step_on" date,
	"guided_offer_id" uuid,
	"guided_place" text,
	"guided_contact" text,
	"confirmed_by" text,
	"declined_place" text,
	"declined_organization_id" uuid,
	"taken_up_case_id" uuid,
	"ended_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "contacts_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "contacts__kind" CHECK ("contacts"."kind" in ('first_contact', 'wrong_door', 'inbound_referral', 'callback_request', 'finder_code')),
	CONSTRAINT "contacts__status" CHECK ("contacts"."status" in ('registered', 'guiding', 'guided_elsewhere', 'taken_up', 'person_declined')),
	CONSTRAINT "contacts__requester_role" CHECK ("contacts"."requester_role" in ('self', 'relative', 'professional', 'self_help', 'authority', 'other')),
	CONSTRAINT "contacts__mode" CHECK ("contacts"."mode" in ('in_person_office', 'outreach', 'home_visit', 'accompanied', 'phone', 'video', 'chat', 'email', 'letter', 'finder')),
	CONSTRAINT "contacts__problems" CHECK ("contacts"."problems" <@ array['alcohol', 'heroin', 'methadone_misused', 'buprenorphine_misused', 'fentanyl', 'other_opioid', 'cocaine_powder', 'crack', 'cocaine_other', 'amphetamine', 'methamphetamine', 'mdma', 'synthetic_cathinone', 'other_stimulant', 'barbiturate', 'benzodiazepine', 'ghb_gbl', 'pregabalinoid', 'other_sedative', 'lsd', 'ketamine', 'other_hallucinogen', 'volatile', 'cannabis', 'synthetic_cannabinoid', 'tobacco', 'other_substance', 'polydrug_unspecified', 'gambling', 'gaming', 'internet_media', 'eating', 'buying', 'other_behaviour', 'none_relative', 'unknown']::text[]),
	CONSTRAINT "contacts__responsible_sector" CHECK ("contacts"."responsible_sector" in ('addiction', 'health', 'psychiatry', 'social_psychiatry', 'youth', 'work', 'housing', 'debt', 'justice', 'education', 'workplace', 'self_help', 'prevention', 'transport')),
	CONSTRAINT "contacts__open_with_a_day" CHECK (("contacts"."status" in ('registered', 'guiding')) = ("contacts"."ended_at" is null)
        and ("contacts"."ended_at" is not null or "contacts"."next_step_on" is not null)),
	CONSTRAINT "contacts__guiding_names_place_and_contact" CHECK ("contacts"."status" not in ('guiding', 'guided_elsewhere') or num_nonnulls("contacts"."guided_place", "contacts"."guided_contact") = 2),
	CONSTRAINT "contacts__guided_is_confirmed" CHECK ("contacts"."status" <> 'guided_elsewhere' or "contacts"."confirmed_by" is not null),
	CONSTRAINT "contacts__taken_up_with_a_case" CHECK (("contacts"."status" = 'taken_up') = ("contacts"."taken_up_case_id" is not null)),
	CONSTRAINT "contacts__declined_what_was_offered" CHECK (("contacts"."status" = 'person_declined') = ("contacts"."declined_place" is not null))
);
--> statement-breakpoint
CREATE TABLE "scope_rules" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"problem" text NOT NULL,
	"sector" text NOT NULL,
	"organization_id" uuid,
	"note" text NOT NULL,
	"ended_at" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "scope_rules_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "scope_rules__problem" CHECK ("scope_rules"."problem" in ('alcohol', 'heroin', 'methadone_misused', 'buprenorphine_misused', 'fentanyl', 'other_opioid', 'cocaine_powder', 'crack', 'cocaine_other', 'amphetamine', 'methamphetamine', 'mdma', 'synthetic_cathinone', 'other_stimulant', 'barbiturate', 'benzodiazepine', 'ghb_gbl', 'pregabalinoid', 'other_sedative', 'lsd', 'ketamine', 'other_hallucinogen', 'volatile', 'cannabis', 'synthetic_cannabinoid', 'tobacco', 'other_substance', 'polydrug_unspecified', 'gambling', 'gaming', 'internet_media', 'eating', 'buying', 'other_behaviour', 'none_relative', 'unknown')),
	CONSTRAINT "scope_rules__sector" CHECK ("scope_rules"."sector" in ('addiction', 'health', 'psychiatry', 'social_psychiatry', 'youth', 'work', 'housing', 'debt', 'justice', 'education', 'workplace', 'self_help', 'prevention', 'transport'))
);
--> statement-breakpoint
CREATE TABLE "deadlines" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"basis" text NOT NULL,
	"organization_id" uuid NOT NULL,
	"compartment_id" uuid,
	"case_id" uuid,
	"subject_id" uuid NOT NULL,
	"started_on" date NOT NULL,
	"due_on" date NOT NULL,
	"stopped_at" timestamp with time zone,
	"stopped_on" date,
	"stopped_by" text,
	"escalated_to" text,
	"escalated_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "deadlines_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "deadlines__kind" CHECK ("deadlines"."kind" in ('treatment_guarantee_14d', 'rehab_responsibility_2w', 'followup_1m', 'followup_6m', 'referral_response', 'first_appointment_check', 'reengagement', 'plan_review', 'release_expiry', 'participants_conference', 'cooperation_board_half_year', 'action_plan_yearly', 'service_check_2y', 'council_report', 'dsr_1m', 'breach_72h', 'retention_due', 'smdb_reporting_15d', 'contact_next_step', 'handover_response', 'waitlist_expected', 'stability_check')),
	CONSTRAINT "deadlines__stopped_by" CHECK ("deadlines"."stopped_by" in ('done', 'answered', 'arrived', 'no_show', 'reached', 'not_reached', 'treatment_started', 'other_choice', 'forwarded', 'responsibility_clear', 'replaced', 'withdrawn')),
	CONSTRAINT "deadlines__escalated_to" CHECK ("deadlines"."escalated_to" in ('lead', 'head', 'coordinator')),
	CONSTRAINT "deadlines__stopped_by_something" CHECK (num_nonnulls("deadlines"."stopped_at", "deadlines"."stopped_on", "deadlines"."stopped_by") in (0, 3)),
	CONSTRAINT "deadlines__stopped_after_start" CHECK ("deadlines"."stopped_on" >= "deadlines"."started_on"),
	CONSTRAINT "deadlines__due_after_start" CHECK ("deadlines"."due_on" >= "deadlines"."started_on"),
	CONSTRAINT "deadlines__guarantee_is_fourteen_days" CHECK ("deadlines"."kind" <> 'treatment_guarantee_14d' or ("deadlines"."due_on" = "deadlines"."started_on" + 14
        and ("deadlines"."stopped_by" is null or "deadlines"."stopped_by" in ('treatment_started', 'other_choice', 'withdrawn')))),
	CONSTRAINT "deadlines__case_in_a_compartment" CHECK (("deadlines"."case_id" is null) = ("deadlines"."compartment_id" is null))
);
--> statement-breakpoint
CREATE TABLE "interfaces" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"from_organization_id" uuid NOT NULL,
	"to_organization_id" uuid NOT NULL,
	"answer_days" integer NOT NULL,
	"agreement" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "interfaces_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "interfaces__one_per_direction" UNIQUE("tenant_id","from_organization_id","to_organization_id"),
	CONSTRAINT "interfaces__answer_days" CHECK ("interfaces"."answer_days" between 1 and 90),
	CONSTRAINT "interfaces__two_organizations" CHECK ("interfaces"."from_organization_id" <> "interfaces"."to_organization_id")
);
--> statement-breakpoint
CREATE TABLE "handover_concepts" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"number" integer NOT NULL,
	"content" jsonb NOT NULL,
	"published_by_user_id" uuid NOT NULL,
	"published_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "handover_concepts_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "handover_concepts__one_per_number" UNIQUE("tenant_id","number")
);
--> statement-breakpoint
CREATE TABLE "mail_settings" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"rhythm" text NOT NULL,
	"mailed_until" timestamp with time zone,
	"version" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "mail_settings_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "mail_settings__rhythm" CHECK ("mail_settings"."rhythm" in ('at_once', 'daily', 'never'))
);
--> statement-breakpoint
CREATE TABLE "notices" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"subject_kind" text NOT NULL,
	"subject_id" uuid NOT NULL,
	"audience" text NOT NULL,
	"to_membership_id" uuid,
	"to_organization_id" uuid,
	"compartment_id" uuid,
	"case_id" uuid,
	"to_role" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp with time zone,
	"mailed_at" timestamp with time zone,
	CONSTRAINT "notices_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "notices__kind" CHECK ("notices"."kind" in ('contact_received', 'contact_answered', 'referral_received', 'referral_answered', 'referral_message', 'referral_withdrawn', 'answer_link_locked', 'handover_offered', 'handover_answered', 'handover_cancelled', 'handover_arrived', 'handover_failed', 'handover_returned', 'release_ended', 'case_assigned', 'deadline_missed', 'task_assigned', 'substitution_began', 'substitution_ended')),
	CONSTRAINT "notices__subject_kind" CHECK ("notices"."subject_kind" in ('contact', 'case', 'release', 'referral', 'handover', 'appointment', 'task', 'deadline', 'substitution')),
	CONSTRAINT "notices__somebody_is_told" CHECK (case "notices"."audience"
        when 'member' then "notices"."to_membership_id" is not null and num_nonnulls("notices"."to_organization_id", "notices"."compartment_id", "notices"."to_role") = 0
        when 'organization' then "notices"."to_organization_id" is not null and num_nonnulls("notices"."to_membership_id", "notices"."compartment_id", "notices"."to_role") = 0
        when 'lead' then num_nonnulls("notices"."compartment_id", "notices"."case_id") = 2 and num_nonnulls("notices"."to_membership_id", "notices"."to_organization_id", "notices"."to_role") = 0
        when 'role' then "notices"."to_role" is not null and num_nonnulls("notices"."to_membership_id", "notices"."compartment_id") = 0
        else false end)
);
--> statement-breakpoint
CREATE TABLE "referral_messages" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"compartment_id" uuid NOT NULL,
	"referral_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"recipient_organization_id" uuid NOT NULL,
	"from_organization_id" uuid NOT NULL,
	"by_user_id" uuid NOT NULL,
	"by_name" text NOT NULL,
	"text" text NOT NULL,
	"written_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "referral_messages_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "substitutions" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"organization_id" uuid NOT NULL,
	"absent_membership_id" uuid NOT NULL,
	"substitute_membership_id" uuid NOT NULL,
	"from_on" date NOT NULL,
	"until_on" date NOT NULL,
	"ended_at" timestamp with time zone,
	"hand_back_note" text,
	"created_by_user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "substitutions_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "substitutions__somebody_else" CHECK ("substitutions"."absent_membership_id" <> "substitutions"."substitute_membership_id"),
	CONSTRAINT "substitutions__ends_after_it_begins" CHECK ("substitutions"."until_on" >= "substitutions"."from_on")
);
--> statement-breakpoint
ALTER TABLE "tasks" DROP CONSTRAINT "tasks__kind";--> statement-breakpoint
ALTER TABLE "cases" ADD COLUMN "last_words" text;--> statement-breakpoint
ALTER TABLE "offers" ADD COLUMN "free_places" integer;--> statement-breakpoint
ALTER TABLE "offers" ADD COLUMN "waiting_days" integer;--> statement-breakpoint
ALTER TABLE "offers" ADD COLUMN "capacity_note" text;--> statement-breakpoint
ALTER TABLE "offers" ADD COLUMN "capacity_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "handovers" ADD COLUMN "concept_id" uuid;--> statement-breakpoint
ALTER TABLE "handovers" ADD COLUMN "answer_due_on" date;--> statement-breakpoint
ALTER TABLE "handovers" ADD COLUMN "accompanied_by_membership_id" uuid;--> statement-breakpoint
ALTER TABLE "handovers" ADD COLUMN "accompanied_by_name" text;--> statement-breakpoint
ALTER TABLE "handovers" ADD COLUMN "joint_talk_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "handovers" ADD COLUMN "stability" text;--> statement-breakpoint
ALTER TABLE "handovers" ADD COLUMN "stability_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "handovers" ADD COLUMN "returned_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "handovers" ADD COLUMN "return_reason" text;--> statement-breakpoint
ALTER TABLE "handovers" ADD COLUMN "return_contact_id" uuid;--> statement-breakpoint
ALTER TABLE "handovers" ADD COLUMN "taken_back_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "handovers" drop column "responsible_organization_id";--> statement-breakpoint
ALTER TABLE "handovers" ADD COLUMN "responsible_organization_id" uuid GENERATED ALWAYS AS (case when status = 'arrived' and stability is distinct from 'broken_off' and taken_back_at is null
          then receiver_organization_id else giver_organization_id end) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "taken_by_membership_id" uuid;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "taken_by_name" text;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "taken_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "waitlist_position" integer;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "expected_on" date;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "redirect_offer_id" uuid;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "redirect_note" text;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "proposed_by_referral_id" uuid;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "answered_by_link" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "referrals" ADD COLUMN "outcome" text;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "title" text;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "owner_membership_id" uuid;--> statement-breakpoint
ALTER TABLE "tasks" ADD COLUMN "done_by_user_id" uuid;--> statement-breakpoint
ALTER TABLE "answer_links" ADD CONSTRAINT "answer_links__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "answer_links" ADD CONSTRAINT "answer_links__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "answer_links" ADD CONSTRAINT "answer_links__referral" FOREIGN KEY ("tenant_id","referral_id") REFERENCES "public"."referrals"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "answer_links" ADD CONSTRAINT "answer_links__recipient" FOREIGN KEY ("tenant_id","recipient_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "answer_links" ADD CONSTRAINT "answer_links__created_by" FOREIGN KEY ("tenant_id","created_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appointments" ADD CONSTRAINT "appointments__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appointments" ADD CONSTRAINT "appointments__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appointments" ADD CONSTRAINT "appointments__referral" FOREIGN KEY ("tenant_id","referral_id") REFERENCES "public"."referrals"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appointments" ADD CONSTRAINT "appointments__organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appointments" ADD CONSTRAINT "appointments__accompanied_by" FOREIGN KEY ("tenant_id","accompanied_by_membership_id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appointments" ADD CONSTRAINT "appointments__outcome_by" FOREIGN KEY ("tenant_id","outcome_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "appointments" ADD CONSTRAINT "appointments__created_by" FOREIGN KEY ("tenant_id","created_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_attempts" ADD CONSTRAINT "contact_attempts__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_attempts" ADD CONSTRAINT "contact_attempts__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_attempts" ADD CONSTRAINT "contact_attempts__task" FOREIGN KEY ("tenant_id","task_id") REFERENCES "public"."tasks"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_attempts" ADD CONSTRAINT "contact_attempts__by" FOREIGN KEY ("tenant_id","by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments__referral" FOREIGN KEY ("tenant_id","referral_id") REFERENCES "public"."referrals"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments__recipient" FOREIGN KEY ("tenant_id","recipient_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments__created_by" FOREIGN KEY ("tenant_id","created_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_people" ADD CONSTRAINT "contact_people__contact" FOREIGN KEY ("tenant_id","id") REFERENCES "public"."contacts"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_people" ADD CONSTRAINT "contact_people__organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_people" ADD CONSTRAINT "contact_people__to" FOREIGN KEY ("tenant_id","to_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts__organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts__registered_by" FOREIGN KEY ("tenant_id","registered_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts__registered_under" FOREIGN KEY ("tenant_id","registered_by_membership_id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts__to" FOREIGN KEY ("tenant_id","to_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts__guided_to" FOREIGN KEY ("tenant_id","guided_offer_id") REFERENCES "public"."offers"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts__previous" FOREIGN KEY ("tenant_id","previous_contact_id") REFERENCES "public"."contacts"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts__case" FOREIGN KEY ("tenant_id","taken_up_case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contacts" ADD CONSTRAINT "contacts__declined_at" FOREIGN KEY ("tenant_id","declined_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "scope_rules" ADD CONSTRAINT "scope_rules__organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deadlines" ADD CONSTRAINT "deadlines__organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deadlines" ADD CONSTRAINT "deadlines__case" FOREIGN KEY ("tenant_id","case_id") REFERENCES "public"."cases"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "interfaces" ADD CONSTRAINT "interfaces__from" FOREIGN KEY ("tenant_id","from_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "interfaces" ADD CONSTRAINT "interfaces__to" FOREIGN KEY ("tenant_id","to_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handover_concepts" ADD CONSTRAINT "handover_concepts__published_by" FOREIGN KEY ("tenant_id","published_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mail_settings" ADD CONSTRAINT "mail_settings__membership" FOREIGN KEY ("tenant_id","id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notices" ADD CONSTRAINT "notices__to_membership" FOREIGN KEY ("tenant_id","to_membership_id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notices" ADD CONSTRAINT "notices__to_organization" FOREIGN KEY ("tenant_id","to_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_messages" ADD CONSTRAINT "referral_messages__referral" FOREIGN KEY ("tenant_id","referral_id") REFERENCES "public"."referrals"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_messages" ADD CONSTRAINT "referral_messages__client" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_messages" ADD CONSTRAINT "referral_messages__recipient" FOREIGN KEY ("tenant_id","recipient_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_messages" ADD CONSTRAINT "referral_messages__from" FOREIGN KEY ("tenant_id","from_organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referral_messages" ADD CONSTRAINT "referral_messages__by" FOREIGN KEY ("tenant_id","by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "substitutions" ADD CONSTRAINT "substitutions__organization" FOREIGN KEY ("tenant_id","organization_id") REFERENCES "public"."organizations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "substitutions" ADD CONSTRAINT "substitutions__absent" FOREIGN KEY ("tenant_id","absent_membership_id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "substitutions" ADD CONSTRAINT "substitutions__substitute" FOREIGN KEY ("tenant_id","substitute_membership_id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "substitutions" ADD CONSTRAINT "substitutions__created_by" FOREIGN KEY ("tenant_id","created_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "answer_links__one_living_per_referral" ON "answer_links" USING btree ("tenant_id","referral_id") WHERE "answer_links"."answered_at" is null and "answer_links"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX "answer_links__by_case" ON "answer_links" USING btree ("tenant_id","case_id");--> statement-breakpoint
CREATE INDEX "answer_links__unmailed" ON "answer_links" USING btree ("tenant_id","created_at") WHERE "answer_links"."mailed_at" is null;--> statement-breakpoint
CREATE INDEX "appointments__planned" ON "appointments" USING btree ("tenant_id","compartment_id","starts_at","id") WHERE "appointments"."status" = 'planned';--> statement-breakpoint
CREATE INDEX "appointments__by_case" ON "appointments" USING btree ("tenant_id","case_id","starts_at");--> statement-breakpoint
CREATE INDEX "contact_attempts__by_case" ON "contact_attempts" USING btree ("tenant_id","case_id","attempted_on");--> statement-breakpoint
CREATE INDEX "attachments__by_referral" ON "attachments" USING btree ("tenant_id","referral_id");--> statement-breakpoint
CREATE INDEX "contacts__of_organization" ON "contacts" USING btree ("tenant_id","organization_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "contacts__of_registrar" ON "contacts" USING btree ("tenant_id","registered_by_user_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "contacts__inbox" ON "contacts" USING btree ("tenant_id","to_organization_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "contacts__open" ON "contacts" USING btree ("tenant_id","next_step_on") WHERE "contacts"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "contacts__by_case" ON "contacts" USING btree ("tenant_id","taken_up_case_id");--> statement-breakpoint
CREATE INDEX "contacts__asked" ON "contacts" USING btree ("tenant_id","to_organization_id","next_step_on") WHERE "contacts"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "contacts__by_day" ON "contacts" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "scope_rules__one_per_problem" ON "scope_rules" USING btree ("tenant_id","problem") WHERE "scope_rules"."ended_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "deadlines__one_running_per_subject" ON "deadlines" USING btree ("tenant_id","subject_id","kind") WHERE "deadlines"."stopped_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "deadlines__one_guarantee_per_case" ON "deadlines" USING btree ("tenant_id","case_id") WHERE "deadlines"."kind" = 'treatment_guarantee_14d';--> statement-breakpoint
CREATE INDEX "deadlines__running" ON "deadlines" USING btree ("tenant_id","compartment_id","due_on","id") WHERE "deadlines"."stopped_at" is null;--> statement-breakpoint
CREATE INDEX "deadlines__of_organization" ON "deadlines" USING btree ("tenant_id","organization_id","due_on","id") WHERE "deadlines"."stopped_at" is null;--> statement-breakpoint
CREATE INDEX "deadlines__missed" ON "deadlines" USING btree ("tenant_id","due_on") WHERE "deadlines"."stopped_at" is null;--> statement-breakpoint
CREATE INDEX "deadlines__by_case" ON "deadlines" USING btree ("tenant_id","case_id");--> statement-breakpoint
CREATE INDEX "notices__of_member" ON "notices" USING btree ("tenant_id","to_membership_id","created_at") WHERE "notices"."seen_at" is null;--> statement-breakpoint
CREATE INDEX "notices__of_organization" ON "notices" USING btree ("tenant_id","to_organization_id","created_at") WHERE "notices"."seen_at" is null;--> statement-breakpoint
CREATE INDEX "notices__of_lead" ON "notices" USING btree ("tenant_id","compartment_id","case_id") WHERE "notices"."seen_at" is null;--> statement-breakpoint
CREATE INDEX "notices__of_role" ON "notices" USING btree ("tenant_id","to_role","created_at") WHERE "notices"."seen_at" is null;--> statement-breakpoint
CREATE INDEX "notices__unmailed" ON "notices" USING btree ("tenant_id","created_at") WHERE "notices"."mailed_at" is null and "notices"."seen_at" is null;--> statement-breakpoint
CREATE INDEX "referral_messages__of_referral" ON "referral_messages" USING btree ("tenant_id","referral_id","written_at","id");--> statement-breakpoint
CREATE INDEX "substitutions__by_substitute" ON "substitutions" USING btree ("tenant_id","substitute_membership_id") WHERE "substitutions"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "substitutions__by_absent" ON "substitutions" USING btree ("tenant_id","absent_membership_id") WHERE "substitutions"."ended_at" is null;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__concept" FOREIGN KEY ("tenant_id","concept_id") REFERENCES "public"."handover_concepts"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__accompanied_by" FOREIGN KEY ("tenant_id","accompanied_by_membership_id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__return_contact" FOREIGN KEY ("tenant_id","return_contact_id") REFERENCES "public"."contacts"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__taken_by" FOREIGN KEY ("tenant_id","taken_by_membership_id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__redirect_offer" FOREIGN KEY ("tenant_id","redirect_offer_id") REFERENCES "public"."offers"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__proposed_by" FOREIGN KEY ("tenant_id","proposed_by_referral_id") REFERENCES "public"."referrals"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks__owner" FOREIGN KEY ("tenant_id","owner_membership_id") REFERENCES "public"."memberships"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks__done_by" FOREIGN KEY ("tenant_id","done_by_user_id") REFERENCES "public"."users"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "handovers__by_return" ON "handovers" USING btree ("tenant_id","return_contact_id");--> statement-breakpoint
CREATE INDEX "handovers__awaited" ON "handovers" USING btree ("tenant_id","receiver_organization_id","answer_due_on") WHERE "handovers"."status" in ('offered', 'accepted');--> statement-breakpoint
CREATE INDEX "referrals__unanswered" ON "referrals" USING btree ("tenant_id","recipient_organization_id","answer_due_on") WHERE "referrals"."status" in ('sent', 'waitlisted');--> statement-breakpoint
ALTER TABLE "offers" ADD CONSTRAINT "offers__capacity" CHECK (coalesce("offers"."free_places", 0) between 0 and 10000 and coalesce("offers"."waiting_days", 0) between 0 and 3650);--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__stability_after_arrival" CHECK (("handovers"."stability" is null) = ("handovers"."stability_at" is null) and ("handovers"."stability" is null or "handovers"."status" = 'arrived'));--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__return_after_arrival" CHECK (num_nonnulls("handovers"."returned_at", "handovers"."return_reason", "handovers"."return_contact_id") in (0, 3)
        and ("handovers"."returned_at" is null or "handovers"."status" = 'arrived')
        and ("handovers"."taken_back_at" is null or "handovers"."returned_at" is not null));--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__accompanied_by_somebody_with_a_name" CHECK (("handovers"."accompanied_by_membership_id" is null) = ("handovers"."accompanied_by_name" is null));--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__stability" CHECK ("handovers"."stability" in ('holds', 'shaky', 'broken_off'));--> statement-breakpoint
ALTER TABLE "handovers" ADD CONSTRAINT "handovers__return_reason" CHECK ("handovers"."return_reason" in ('other_help_needed', 'help_ended', 'capacity_lost', 'person_wish', 'other'));--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__waiting_has_a_day" CHECK ("referrals"."status" <> 'waitlisted' or "referrals"."expected_on" is not null);--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__waitlist_position" CHECK ("referrals"."waitlist_position" between 1 and 10000);--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__redirect_proposes" CHECK ("referrals"."status" <> 'redirected' or "referrals"."redirect_offer_id" is not null);--> statement-breakpoint
ALTER TABLE "referrals" ADD CONSTRAINT "referrals__engaged_with_an_outcome" CHECK (("referrals"."status" = 'closed_engaged') = ("referrals"."outcome" is not null));--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks__kind" CHECK ("tasks"."kind" in ('next_step', 'recontact', 'answer_referral', 'confirm_arrival', 'redirect', 'review_plan', 'safety_prompt', 'verify_entry', 'stability_check', 'follow_up', 'take_back', 'other'));