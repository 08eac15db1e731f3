#!/usr/bin/env perl
# Nearest neighbours in Perl's core modules and psql, written from the contract page alone. The text of its pipeline
# holds settings and no fitted parameter: `test` fits, that is, reads the training rows again.
use strict;
use warnings;
use JSON::PP;
use List::Util qw(sum0 uniq);

my $volume = '/docker-volume';
my $json   = JSON::PP->new->utf8->canonical->allow_nonref;
my %env    = map { ("PG$_" => "IN_$_") } qw(HOST PORT DATABASE USER PASSWORD);

sub refuse {
    my ($why) = @_;
    utf8::encode($why) if utf8::is_utf8($why);
    print STDERR "$why\n";
    exit 1;
}

sub parse {
    my ($text, $what) = @_;
    my $document = eval { $json->decode($text) };
    refuse("$what is not a JSON object") unless ref $document eq 'HASH';
    return $document;
}

sub job {
    my ($name, @texts) = @_;
    open my $file, '<:raw', "$volume/$name" or refuse("$name: $!");
    my $job = parse(do { local $/; <$file> } // '', $name);
    for (@texts) { refuse("$name: $_ is absent") unless defined $job->{$_} && !ref $job->{$_} && length $job->{$_} }
    my @rows = ref $job->{test_rows} eq 'ARRAY' ? @{ $job->{test_rows} } : ();
    refuse("$name: test_rows is not an array of integers") if !@rows || grep { !/^\d+$/a } @rows;
    $job->{test_rows} = [map { 0 + $_ } @rows];    # looking at a number as text can make it one
    return $job;
}

sub save {
    my ($name, $document) = @_;
    open my $file, '>:raw', "$volume/.$name.part" or refuse("$name: $!");
    print $file $json->encode($document) or refuse("$name: $!");
    close $file or refuse("$name: $!");
    rename "$volume/.$name.part", "$volume/$name" or refuse("$name: $!");
}

# The rows of a query, in its order, as hashes. psql says on standard error what is wrong, without a password.
sub rows {
    my ($query) = @_;
    my @missing = grep { !defined $ENV{$_} } sort values %env;
    refuse("not set: @missing") if @missing;
    local @ENV{ keys %env, 'PGCONNECT_TIMEOUT' } = (@ENV{ values %env }, 10);
    utf8::encode($query);
    my $sql = "SELECT coalesce(json_agg(row_to_json(q)), '[]') FROM ($query) q";
    open my $psql, '-|:raw', 'psql', '-XqAtw', '-v', 'ON_ERROR_STOP=1', '-c', $sql or refuse("psql: $!");
    my $text = do { local $/; <$psql> };
    close $psql or refuse('cannot read from the science database');
    my $rows = $json->decode($text);
    refuse('the query returns no row') unless @$rows;
    return $rows;
}

sub table {
    my ($job) = @_;
    my ($features, $targets) = (rows($job->{query_features}), rows($job->{query_targets}));
    refuse('the two queries return different numbers of rows') if @$features != @$targets;
    my ($name) = keys %{ $targets->[0] };
    for my $row (@$features, @$targets) { defined $row->{$_} or refuse("column $_ holds NULL") for keys %$row }
    refuse('test_rows: outside the rows') if grep { $_ >= @$features } @{ $job->{test_rows} };
    return ($features, [map { $_->{$name} } @$targets], $name);
}

sub safe { my ($name) = @_; $name = lc $name; $name =~ tr/-/_/; $name =~ s/^(?=\d)/_/; return $name }

sub parameter {
    my ($code, $default, $pattern) = @_;
    my $value = $ENV{"MODEL_PARAM_$code"} // $ENV{"PARAM_MODEL_$code"} // $default;
    refuse("parameter $code: not accepted") unless $value =~ /\A(?:$pattern)\z/a;
    return $value;
}

sub train {
    unlink "$volume/input_test.json";
    my $job = job('input_training.json', qw(query_features query_targets));
    my $k = parameter('k', 5, '0*[1-9]|0*1[0-5]');
    my $metric = parameter('metric', 'euclidean', 'euclidean|manhattan');
    my $standardise = parameter('standardise', 'true', 'true|false');
    my $meta = parse($ENV{PARAM_meta} // refuse('PARAM_meta is not set'), 'PARAM_meta');
    my %type = map { safe($_) => $meta->{$_}{type} // '' } keys %$meta;
    my ($features, $targets, $variable) = table($job);
    my @names = sort keys %{ $features->[0] };
    for (@names, $variable) { refuse("PARAM_meta: column $_ is not described") unless $type{$_} }
    refuse("variable $variable: type $type{$variable} is not supported") unless $type{$variable} =~ /^(real|(bi|poly)nominal)$/;
    my ($code) = grep { safe($_) eq $variable } keys %$meta;
    my %settings = (
        k => 0 + $k, metric => $metric, standardise => $standardise,
        nominal => { map { $_ => $type{$_} =~ /nominal/ ? 1 : 0 } @names, $variable },
        codes => [map { "$_->{code}" } @{ $meta->{$code}{enumerations} // [] }],
    );
    save('input_test.json', { %$job, pipeline => 'nearest ' . JSON::PP->new->ascii->canonical->encode(\%settings) . ' end' });
}

sub test {
    unlink "$volume/predictions.json";
    my $job = job('input_test.json', qw(query_features query_targets pipeline));
    my ($text) = $job->{pipeline} =~ /\Anearest (\{.*\}) end\z/s or refuse('pipeline: not one of mine');
    my $settings = parse($text, 'pipeline');
    my ($features, $targets, $variable) = table($job);
    my @names = sort keys %{ $features->[0] };
    my $nominal = $settings->{nominal};
    for (@names, $variable) { refuse("pipeline: knows no column $_") unless defined $nominal->{$_} }
    my %held = map { $_ => 1 } @{ $job->{test_rows} };
    my @kept = grep { !$held{$_} } 0 .. $#$features;
    my %scale = map { $_ => 1 } @names;
    if ($settings->{standardise} eq 'true') {
        for my $name (grep { !$nominal->{$_} } @names) {
            my @values = map { $features->[$_]{$name} } @kept;
            my $mean = sum0(@values) / @values;
            $scale{$name} = sqrt(sum0(map { ($_ - $mean)**2 } @values) / @values) || 1;
        }
    }
    my (@predictions, @probabilities);
    for my $row (map { $features->[$_] } @{ $job->{test_rows} }) {
        my %distance;
        for my $other (@kept) {
            my @gaps = map {
                my ($here, $there) = ($row->{$_}, $features->[$other]{$_});
                $nominal->{$_} ? ($here eq $there ? 0 : 1) : abs($here - $there) / $scale{$_};
            } @names;
            $distance{$other} = sum0($settings->{metric} eq 'manhattan' ? @gaps : map { $_ * $_ } @gaps);
        }
        my @near = sort { $distance{$a} <=> $distance{$b} || $a <=> $b } @kept;
        @near = map { $targets->[$_] } splice @near, 0, $settings->{k};
        if (!$nominal->{$variable}) { push @predictions, sum0(@near) / @near; next }
        my %votes = map { $_ => 0 } @{ $settings->{codes} };
        $votes{$_}++ for @near;
        push @predictions, (sort { $votes{$b} <=> $votes{$a} || $a cmp $b } uniq @near)[0];
        push @probabilities, { map { $_ => $votes{$_} / @near } keys %votes };
    }
    my @truth = @{$targets}[ @{ $job->{test_rows} } ];
    if ($nominal->{$variable}) { $_ = "$_" for @truth, @predictions }    # a digit-only code is a text
    my %answer = (rows => [map { 0 + $_ } @{ $job->{test_rows} }], predictions => \@predictions, targets => \@truth);
    $answer{probabilities} = \@probabilities if @probabilities;
    save('predictions.json', \%answer);
}

my %commands = (train => \&train, test => \&test);
if (@ARGV != 1 || !$commands{ $ARGV[0] }) { print STDERR "usage: nearest train|test\n"; exit 2 }
$commands{ $ARGV[0] }->();
