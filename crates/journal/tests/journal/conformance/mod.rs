//! What every engine of the journal must do.
//!
//! Each check takes a way to open one store: calling it again, after the journal it gave before was
//! dropped, opens the same store. An engine runs them all by `conformance_suite!`.

use sekimori_journal::Journal;

pub(crate) mod acting;
pub(crate) mod auditing;
pub(crate) mod delivering;
pub(crate) mod keeping;
pub(crate) mod listing;
pub(crate) mod storing;

/// Opens one and the same store.
pub(crate) type Open<'a> = &'a dyn Fn() -> Box<dyn Journal>;

/// Makes a test of every check, each on a fresh store that `$engine` opens for it.
macro_rules! conformance_suite {
    ($engine:path) => {
        $crate::conformance::each_check! { $engine:
            storing::what_is_acknowledged_is_there_after_opening_again
            storing::messages_of_one_submission_share_their_original
            storing::a_report_has_no_original
            storing::ids_are_never_given_out_twice
            storing::an_id_used_twice_is_refused_and_changes_nothing
            storing::what_makes_no_sense_is_refused
            storing::what_is_over_a_bound_is_refused
            storing::long_summaries_are_cut_between_characters
            storing::the_receipt_is_on_the_audit_record
            storing::refusals_are_on_the_audit_record
            storing::overlong_audit_details_are_replaced_by_their_size
            delivering::a_message_is_due_when_it_is_received
            delivering::due_messages_come_in_pages_without_gaps
            delivering::a_held_message_is_not_due
            delivering::a_message_is_done_when_every_recipient_is_settled
            delivering::one_refused_recipient_makes_the_message_failed
            delivering::a_deferred_recipient_is_due_again_at_its_time
            delivering::what_a_gate_has_taken_is_to_be_asked_for_until_it_is_settled
            delivering::a_settled_recipient_stays_settled
            delivering::what_cannot_be_reported_is_held
            delivering::a_report_and_the_failure_it_tells_of_are_one
            delivering::results_of_a_message_that_is_gone_are_on_record
            delivering::long_replies_are_cut
            acting::each_action_fits_some_states_only
            acting::every_action_is_on_the_audit_record
            acting::an_action_shows_in_the_change_count
            acting::a_released_message_is_due_at_once
            acting::flushing_makes_a_deferred_message_due
            acting::a_delivery_in_progress_outruns_a_deletion
            acting::overlong_reasons_are_refused
            auditing::each_condition_of_an_audit_filter_counts
            auditing::a_list_of_records_goes_in_pages_from_either_end
            auditing::chains_hold_after_opening_again
            auditing::a_follower_goes_on_where_it_was
            listing::a_list_goes_in_pages_from_either_end
            listing::each_condition_of_a_filter_counts
            listing::a_message_is_found_by_its_reference_number
            listing::statistics_agree_with_the_list
            keeping::what_is_done_goes_when_its_time_is_over
            keeping::what_is_queued_or_held_never_goes
            keeping::the_oldest_go_first_when_there_is_too_much
            keeping::compaction_keeps_every_living_body
            keeping::an_original_lives_as_long_as_one_of_its_messages
        }
    };
}

macro_rules! each_check {
    ($engine:path: $($group:ident::$check:ident)*) => {
        $(
            #[test]
            fn $check() {
                $engine($crate::conformance::$group::$check);
            }
        )*
    };
}

pub(crate) use {conformance_suite, each_check};
