"""Every word an application may store, with the label people read.

The enums from Direction to WorkType are exactly those of the WZDx feed, version 4.2, without its deprecated values.
"""

from django.db.models import TextChoices


class PermitType(TextChoices):
    UTILITY = "utility", "Utility line or facility"  # pipes, cables, poles that stay in the right-of-way
    DRIVEWAY = "driveway", "Driveway or access"  # private land joins the state road
    LANE_CLOSURE = "lane_closure", "Lane closure without digging"  # cranes, inspections, deliveries
    EXCAVATION = "excavation", "Excavation"  # an opening in the right-of-way, nothing new stays in it
    SPECIAL_EVENT = "special_event", "Special event"  # parades, races, filming
    OTHER = "other", "Something else in the right-of-way"  # banners, surveys, landscaping


class ApplicantKind(TextChoices):
    PERSON = "person", "A private person"  # no tax number is asked or kept
    COMPANY = "company", "A company"
    UTILITY = "utility", "A utility"  # may have a billing agreement with the state
    AGENCY = "agency", "A public agency"  # city, county, school district, another state office; pays no fee


class ActingAs(TextChoices):
    OWNER = "owner", "The owner of the facility or land"
    AGENT = "agent", "An agent with a letter of authorization"  # the letter is then a required document
    CONTRACTOR = "contractor", "The contractor"


class RowPortion(TextChoices):
    TRAVEL_LANE = "travel_lane", "Travel lane"  # needs traffic impacts
    SHOULDER = "shoulder", "Shoulder"  # needs traffic impacts
    SIDEWALK = "sidewalk", "Sidewalk"
    BIKE_LANE = "bike_lane", "Bike lane"
    MEDIAN = "median", "Median"
    ROADSIDE = "roadside", "Roadside or ditch"  # outside shoulder and sidewalk
    UNDERGROUND = "underground", "Under the road"
    OVERHEAD = "overhead", "Above the road"


class Weekday(TextChoices):
    MONDAY = "mon", "Monday"
    TUESDAY = "tue", "Tuesday"
    WEDNESDAY = "wed", "Wednesday"
    THURSDAY = "thu", "Thursday"
    FRIDAY = "fri", "Friday"
    SATURDAY = "sat", "Saturday"
    SUNDAY = "sun", "Sunday"


class TrafficPlan(TextChoices):
    NONE = "none", "None needed: traffic is not affected"
    STANDARD_TA = "standard_ta", "A typical application from the MUTCD"  # its number is asked
    CUSTOM_PLAN = "custom_plan", "A plan drawn for this site, sealed by a professional engineer"  # uploaded


class PedestrianAccess(TextChoices):
    NOT_AFFECTED = "not_affected", "Not affected"
    ALTERNATE_ROUTE = "alternate_route", "Accessible route around the work"  # ADA: the pedestrian plan is then required
    CLOSED = "closed", "Closed"


class Surface(TextChoices):
    PAVEMENT = "pavement", "Pavement"  # the dearest to open
    SHOULDER = "shoulder", "Shoulder"
    UNPAVED = "unpaved", "Unpaved ground"


class Restoration(TextChoices):
    TYPE_1 = "type_1", "Type 1: full depth, like the road beside it"
    TYPE_2 = "type_2", "Type 2: flowable fill and overlay"
    PERMANENT_BY_STATE = "permanent_by_state", "Temporary by you, permanent by the state at your cost"


class UtilityKind(TextChoices):
    WATER = "water", "Water"
    SEWER = "sewer", "Sewer or storm drain"
    GAS = "gas", "Gas"
    ELECTRIC = "electric", "Electric"
    FIBER = "fiber", "Fiber or telephone"
    OTHER = "other", "Other"


class FacilityMethod(TextChoices):
    OPEN_CUT = "open_cut", "Open cut"
    BORE = "bore", "Bore or directional drilling"  # no opening in the pavement
    AERIAL = "aerial", "Overhead on poles"  # fee by poles


class LandUse(TextChoices):
    RESIDENTIAL = "residential", "Residential"
    COMMERCIAL = "commercial", "Commercial"
    INDUSTRIAL = "industrial", "Industrial"
    AGRICULTURAL = "agricultural", "Agricultural"


class Billing(TextChoices):
    PAY_NOW = "pay_now", "Pay now"
    DEFERRED = "deferred", "Bill us under our agreement"  # utilities and agencies only
    EXEMPT = "exempt", "Exempt from fees"  # agencies only


class EnvironmentalReview(TextChoices):
    NOT_NEEDED = "not_needed", "Not needed"
    PENDING = "pending", "Under way"
    CLEARED = "cleared", "Cleared"  # the clearance is then a required document


class Direction(TextChoices):
    NORTHBOUND = "northbound", "Northbound"
    EASTBOUND = "eastbound", "Eastbound"
    SOUTHBOUND = "southbound", "Southbound"
    WESTBOUND = "westbound", "Westbound"
    INNER_LOOP = "inner-loop", "Inner loop"  # the inside of a beltway
    OUTER_LOOP = "outer-loop", "Outer loop"
    UNDEFINED = "undefined", "No signed direction"
    UNKNOWN = "unknown", "Not known"


class VehicleImpact(TextChoices):
    ALL_LANES_CLOSED = "all-lanes-closed", "All lanes closed"  # needs a detour
    SOME_LANES_CLOSED = "some-lanes-closed", "Some lanes closed"
    ALL_LANES_OPEN = "all-lanes-open", "All lanes open"  # work beside the lanes
    ALTERNATING_ONE_WAY = "alternating-one-way", "One lane, both directions in turn"
    MERGE_LEFT = "some-lanes-closed-merge-left", "Some lanes closed, merge left"
    MERGE_RIGHT = "some-lanes-closed-merge-right", "Some lanes closed, merge right"
    SHIFT_LEFT = "all-lanes-open-shift-left", "All lanes open, shifted left"
    SHIFT_RIGHT = "all-lanes-open-shift-right", "All lanes open, shifted right"
    SPLIT = "some-lanes-closed-split", "Some lanes closed, traffic passes on both sides"
    FLAGGING = "flagging", "Flaggers direct traffic"
    SIGNAL = "temporary-traffic-signal", "A temporary signal directs traffic"
    UNKNOWN = "unknown", "Not known"


class LaneType(TextChoices):
    GENERAL = "general", "Through lane"
    EXIT_LANE = "exit-lane", "Exit lane"
    EXIT_RAMP = "exit-ramp", "Exit ramp"
    ENTRANCE_LANE = "entrance-lane", "Entrance lane"
    ENTRANCE_RAMP = "entrance-ramp", "Entrance ramp"
    SIDEWALK = "sidewalk", "Sidewalk"
    BIKE_LANE = "bike-lane", "Bike lane"
    SHOULDER = "shoulder", "Shoulder"
    PARKING = "parking", "Parking lane"
    MEDIAN = "median", "Median"
    CENTER_TURN = "two-way-center-turn-lane", "Two-way center turn lane"


class LaneStatus(TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    SHIFT_LEFT = "shift-left", "Shifted left"
    SHIFT_RIGHT = "shift-right", "Shifted right"
    MERGE_LEFT = "merge-left", "Merges left"
    MERGE_RIGHT = "merge-right", "Merges right"
    ALTERNATING = "alternating-flow", "Used by both directions in turn"


class LocationMethod(TextChoices):
    CHANNEL_DEVICE = "channel-device-method", "First and last cone or barrel"  # what WZDx prefers
    SIGN = "sign-method", "First and last sign"
    JUNCTION = "junction-method", "Nearest junctions"
    OTHER = "other", "Another way"
    UNKNOWN = "unknown", "Not known"


class RestrictionType(TextChoices):
    NO_TRUCKS = "no-trucks", "No trucks"
    PEAK_HOURS_ONLY = "travel-peak-hours-only", "Open in peak hours only"
    HOV_3 = "hov-3", "Three or more people a vehicle"
    HOV_2 = "hov-2", "Two or more people a vehicle"
    NO_PARKING = "no-parking", "No parking"
    WIDTH = "reduced-width", "Width limit"
    HEIGHT = "reduced-height", "Height limit"
    LENGTH = "reduced-length", "Length limit"
    WEIGHT = "reduced-weight", "Weight limit"
    AXLE_LOAD = "axle-load-limit", "Axle load limit"
    GROSS_WEIGHT = "gross-weight-limit", "Gross weight limit"
    NO_TOWING = "towing-prohibited", "No towing"
    NO_OVERSIZE = "permitted-oversize-loads-prohibited", "No oversize loads, even with a permit"
    LOCAL_ACCESS = "local-access-only", "Local access only"
    NO_PASSING = "no-passing", "No passing"


class Unit(TextChoices):
    FEET = "feet", "feet"
    INCHES = "inches", "inches"
    CENTIMETERS = "centimeters", "centimeters"
    POUNDS = "pounds", "pounds"
    TONS = "tons", "tons"
    KILOGRAMS = "kilograms", "kilograms"


class WorkType(TextChoices):
    MAINTENANCE = "maintenance", "Maintenance"  # also events and closures without work on the road
    MINOR_REPAIR = "minor-road-defect-repair", "Small repair of the road"
    ROADSIDE = "roadside-work", "Work beside the road: driveway, sidewalk, landscaping"
    OVERHEAD = "overhead-work", "Work above the road: poles, lines, signs"
    BELOW_ROAD = "below-road-work", "Work below the road: water, sewer, gas, fiber"
    BARRIER = "barrier-work", "Barriers and guardrails"
    SURFACE = "surface-work", "Paving or opening the pavement"
    PAINTING = "painting", "Painting or striping"
    RELOCATION = "roadway-relocation", "Moving the road"
    CREATION = "roadway-creation", "Building a new road"


# Two-letter postal codes of the states, the District of Columbia and the territories (USPS Publication 28).
_STATES = """
AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR
PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI
"""
STATES = tuple(_STATES.split())
