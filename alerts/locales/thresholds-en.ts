import type { Words } from "./texts.ts";

export const thresholdsEn: Words["thresholds"] = {
  near_clients: "A few computers that are re-installed or switched off must not bring the count below the threshold.",
  near_servers_and_office: "Servers and Office need only 5 computers: one computer less is the last warning.",
  forecast: "Two renewals of every client fit into it. Healthy weekly renewal never comes under 23 days.",
  host_unknown_after:
    "Longer than any host with a few dozen clients is silent: 25 clients that renew weekly cause a request every seven hours.",
  no_requests_margin: "Added to the renewal interval: by then a client must have renewed.",
  renewal_interval_assumed: "The default of Windows, for hosts whose interval is not known.",
  renewal_interval_too_long:
    "Entries live 30 days: with a longer interval, a client that misses two renewals leaves the table.",
  counts_disagree:
    "The host's log and its own count are read at different moments; a few clients of difference are normal.",
  table_lost_shown: "Long enough for a person who looks once a day.",
  failing_requests: "More in an hour than one misconfigured client with its retry every two hours causes.",
  host_grace_ending: "Time to find the key and to call Microsoft.",
  key_hosts: "The number that Microsoft grants everybody, if the collector's configuration sets no other.",
  key_reactivations: "The number that Microsoft grants everybody, if the collector's configuration sets no other.",
  unknown_product_clients: "One client is enough to make the counts a range.",
  uncovered_clients: "One client is enough: the host refuses every computer with this product.",
  unexpected_host_clients: "One client is enough: no other host should serve clients.",
  duplicate_ids_share: "Below this share of the host's clients the count is hardly affected.",
  deadline_within:
    "Before Windows shows its own notice, 30 days before the end. One of 1d, 3d, 7d, 14d, 30d, 45d, 60d, 90d.",
  grace_within: "A grace period lasts 30 days; a week is left to act. One of 1d, 3d, 7d, 14d, 30d, 45d, 60d, 90d.",
  affected_share:
    "Share of a zone from which an alert about its computers fires: one in 50,000 must not fire for ever.",
  affected_computers: "The fewest computers that are worth an alert.",
  small_zone_share: "In a small zone this share is enough, even if the computers are fewer.",
  overdue_share: "Laptops travel; one in twenty that are overdue are the network or the host.",
  anomaly_share:
    "Re-installing changes one or two of a hundred in an hour; one in twenty is something that affects all.",
  anomaly_computers: "In a small zone one computer is a large share; five at once are no accident.",
  mak_left_share: "Microsoft must grant a new allowance; a tenth lasts some weeks of ordinary installing.",
  mak_forecast: "Time to ask Microsoft for more, at last week's pace.",
  stale_share: "Weekends and holidays switch off fewer than one in five for three days.",
  backlog: "Events are kept for 30 days at the source at best; a day leaves time to repair.",
  refused_records: "A correct sender never causes one.",
  refused_requests:
    "A batch that is too large is halved and sent again; a sender that is refused for good causes more.",
  counted_over:
    "Counters are judged by their increase in this time: longer than an alert must hold, so that a burst is not lost.",
  holds_short: "Longer than a missed scrape or a restart of the collector.",
  holds_long: "Longer than a restart of a server with updates.",
  holds_host_unknown: "Longer than a restart of the agent, the collector and the network between them.",
  holds_collector_down: "Longer than a restart of the collector.",
  keeps_firing: "A count that moves around its threshold pages once.",
  survives_missed_scrapes:
    "The last value counts for this time after a scrape was missed, so that alerts are not resolved and fired again.",
};
