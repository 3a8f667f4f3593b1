package lib.origins_test

import data.lib.images
import data.lib.origins

digest := "sha256:4c1a8f4d1e6b0c5d2f7a9b3e8d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6b5a4"

other_digest := "sha256:0000000000000000000000000000000000000000000000000000000000000000"

covered(entry, reference) if origins.first([entry], images.parse(reference)) == entry

test_a_registry_covers_all_that_it_holds if {
	every reference in ["registry.example.com/app", "registry.example.com/a/b/c:1", $"registry.example.com/app@{digest}"] {
		covered("registry.example.com", reference)
		covered("Registry.Example.com/", reference)
	}
}

test_a_registry_is_compared_as_a_whole if {
	every reference in [
		"registry.example.com.evil.org/app", "my-registry.example.com/app", "registry.example.com:5000/app",
		"evil.org/registry.example.com/app", "registry.example.com", "app",
	] {
		not covered("registry.example.com", reference)
	}
}

test_a_path_is_matched_at_its_boundary if {
	every reference in ["registry.example.com/shop/app:1", "registry.example.com/shop", "registry.example.com/shop/a/b"] {
		covered("registry.example.com/shop", reference)
		covered("registry.example.com/shop/", reference)
	}
	every reference in ["registry.example.com/shopping/app", "registry.example.com/shop-evil/app", "registry.example.com/x/shop/app"] {
		not covered("registry.example.com/shop", reference)
	}
}

test_an_exact_reference_covers_itself_alone if {
	covered("registry.example.com/app:1.0", "registry.example.com/app:1.0")
	every reference in [
		"registry.example.com/app:1.0.1", "registry.example.com/app", "registry.example.com/app/b:1.0",
		$"registry.example.com/app:1.0@{digest}",
	] {
		not covered("registry.example.com/app:1.0", reference)
	}
	covered("registry.example.com/app:latest", "registry.example.com/app")
}

test_a_digest_covers_what_it_pulls if {
	entry := $"registry.example.com/app@{digest}"
	covered(entry, entry)
	covered(entry, $"registry.example.com/app:1.0@{digest}")
	not covered(entry, $"registry.example.com/app@{other_digest}")
	not covered(entry, "registry.example.com/app:1.0")
}

test_docker_hub_goes_by_all_of_its_names if {
	every entry in ["docker.io", "index.docker.io", "registry-1.docker.io", "DOCKER.IO"] {
		every reference in ["nginx", "bitnami/redis:7", "docker.io/library/nginx", "index.docker.io/bitnami/redis"] {
			covered(entry, reference)
		}
	}
	covered("index.docker.io/bitnami", "bitnami/redis:7")
}

test_official_images_can_be_written_short if {
	every entry in ["nginx", "library/nginx", "docker.io/nginx", "docker.io/library/nginx"] {
		covered(entry, "nginx:1.27")
	}
	covered("nginx:1.27", "docker.io/library/nginx:1.27")
	covered("bitnami/redis", "bitnami/redis:7")
	not covered("nginx:1.27", "nginx:1.26")
	not covered("nginx", "nginx/nginx-ingress")
	not covered("nginx", "registry.example.com/nginx")
}

test_a_path_of_docker_hub_is_a_user_too if {
	covered("docker.io/bitnami", "bitnami/redis:7")
	not covered("docker.io/library", "bitnami/redis:7")
}

test_a_port_is_part_of_the_registry if {
	covered("host:5000", "host:5000/app")
	covered("localhost:5000", "localhost:5000/team/app:1")
	covered("[2001:db8::1]:5000", "[2001:db8::1]:5000/app")
	not covered("host:5000", "host:5001/app")
	not covered("localhost", "localhost:5000/app")
}

test_a_star_stays_within_its_part if {
	covered("*.dkr.ecr.eu-west-1.amazonaws.com", "123.dkr.ecr.eu-west-1.amazonaws.com/team/app:1")
	covered("registry.example.com/*/base", "registry.example.com/shop/base/app")
	covered("registry.example.com/**", "registry.example.com/a/b:1")
	not covered("*.example.com", "evil.org/x.example.com/app")
	not covered("registry.example.com/*/base", "registry.example.com/a/b/base")
}

test_a_star_alone_covers_everything if {
	covered("*", "nginx")
	covered("*", "host:5000/a/b@sha256:4c1a8f4d1e6b0c5d2f7a9b3e8d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6b5a4")
}

test_the_first_entry_that_covers_is_named if {
	origins.first(["quay.io", "docker.io", "docker.io/library"], images.parse("nginx")) == "docker.io"
	not origins.first([], images.parse("nginx"))
	not origins.first(["quay.io"], images.parse("nginx"))
}

test_odd_entries_cover_nothing if {
	every entry in ["", "/", "https://registry.example.com", "registry.example.com//app", " registry.example.com"] {
		every reference in ["nginx", "registry.example.com/app"] {
			not covered(entry, reference)
		}
	}
}

test_only_a_host_names_a_registry if {
	every reference in ["docker.io/nginx", "host:5000/app", "localhost/app", "registry.example.com/a/b"] {
		origins.names_registry(reference)
	}
	every reference in ["nginx", "nginx:1", "bitnami/redis", "library/nginx", "host:5000", "registry.example.com"] {
		not origins.names_registry(reference)
	}
}
